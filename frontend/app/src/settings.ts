import type { Settings } from './bindings.gen.js';

/** DEFAULTS are shown until the settings have come from Go. */
export const DEFAULTS: Settings = {
  theme: 'system',
  group: 8,
  uppercase: false,
  reports: 60,
  keepHistory: true,
};
