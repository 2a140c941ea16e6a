import { install } from './index.js';
import type { Config } from './port.js';

/** Go wraps the bundle of this file into a function whose parameter this is. */
declare const config: Config;

install(config);
