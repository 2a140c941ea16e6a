/** Theme is how the windows look; `system` follows the desktop. */
export type Theme = 'system' | 'light' | 'dark';

/** Settings are what the user has decided. Go keeps them; a window shows them and asks for changes. */
export interface Settings {
  readonly theme: Theme;
  /** group is how many digits of a digest stand together; 0 is all of them. */
  readonly group: number;
  readonly uppercase: boolean;
  /** reports is how often a second progress is told. */
  readonly reports: number;
  readonly keepHistory: boolean;
}

/** DEFAULTS are shown until Go has told what is in force. */
export const DEFAULTS: Settings = {
  theme: 'system',
  group: 8,
  uppercase: false,
  reports: 60,
  keepHistory: true,
};

/** Recent is a file that was hashed. */
export interface Recent {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** at is when, in milliseconds since 1970. */
  readonly at: number;
}
