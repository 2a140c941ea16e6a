import type { Settings } from './bindings.gen.js';

/** DEFAULTS are shown until Go has told what is in force. */
export const DEFAULTS: Settings = {
  theme: 'system',
  group: 8,
  uppercase: false,
  reports: 60,
  keepHistory: true,
};
