import { describe, expect, test } from 'vitest';
import {
  baseName,
  formatBytes,
  formatDuration,
  formatPercent,
  formatRate,
  formatTimeLeft,
  percent,
  UNKNOWN,
} from '../src/format.js';

const KiB = 1024;
const MiB = KiB * 1024;
const GiB = MiB * 1024;
const TiB = GiB * 1024;
const PiB = TiB * 1024;

describe('formatBytes', () => {
  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [2, '2 bytes'],
    [1023, '1023 bytes'],
    [1024, '1.00 KiB'],
    [1025, '1.00 KiB'],
    [1536, '1.50 KiB'],
    [10 * KiB - 1, '10.0 KiB'],
    [99.94 * KiB, '99.9 KiB'],
    [99.96 * KiB, '100 KiB'],
    [1023 * KiB, '1023 KiB'],
    [1023.5 * KiB, '1.00 MiB'],
    [MiB - 1, '1.00 MiB'],
    [MiB, '1.00 MiB'],
    [200 * MiB, '200 MiB'],
    [4.7 * GiB, '4.70 GiB'],
    [TiB, '1.00 TiB'],
    [2.5 * TiB, '2.50 TiB'],
    [PiB, '1.00 PiB'],
    [5000 * PiB, '5000 PiB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1])(
    '%d is unknown',
    (bytes) => {
      expect(formatBytes(bytes)).toBe(UNKNOWN);
    },
  );
});

describe('formatRate', () => {
  test.each([
    [null, UNKNOWN],
    [0, '0 bytes/s'],
    [0.4, '0 bytes/s'],
    [1023.4, '1023 bytes/s'],
    [512 * MiB, '512 MiB/s'],
    [Number.NaN, UNKNOWN],
    [Number.POSITIVE_INFINITY, UNKNOWN],
  ])('%s is %s', (rate, text) => {
    expect(formatRate(rate)).toBe(text);
  });
});

describe('formatTimeLeft', () => {
  test.each([
    [null, UNKNOWN],
    [0, 'under 1 s'],
    [0.99, 'under 1 s'],
    [1, '1 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [125, '2 min 5 s'],
    [3599.6, '1 h 0 min'],
    [3600 * 47, '47 h 0 min'],
    [3600 * 49, '2 d 1 h'],
    [-1, UNKNOWN],
    [Number.NaN, UNKNOWN],
    [Number.POSITIVE_INFINITY, UNKNOWN],
  ])('%s is %s', (seconds, text) => {
    expect(formatTimeLeft(seconds)).toBe(text);
  });
});

describe('formatDuration', () => {
  test.each([
    [0, 'under 1 ms'],
    [0.0004, 'under 1 ms'],
    [0.0005, '1 ms'],
    [0.42, '420 ms'],
    [0.9994, '999 ms'],
    [0.9996, '1.00 s'],
    [9.99, '9.99 s'],
    [9.996, '10.0 s'],
    [59.94, '59.9 s'],
    [59.96, '1 min 0 s'],
    [-1, UNKNOWN],
    [Number.NaN, UNKNOWN],
    [Number.POSITIVE_INFINITY, UNKNOWN],
  ])('%d is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('percent', () => {
  test.each([
    [0, 200, 0],
    [1, 200, 0],
    [199, 200, 99],
    [200, 200, 100],
    [201, 200, 100],
    [-1, 200, 0],
    [0, 0, 100],
    [Number.NaN, 200, 0],
  ])('%d of %d is %d', (done, total, share) => {
    expect(percent(done, total)).toBe(share);
    expect(formatPercent(done, total)).toBe(`${share} %`);
  });
});

describe('baseName', () => {
  test.each([
    ['/home/maria/debian.iso', 'debian.iso'],
    ['C:\\Users\\Maria\\debian.iso', 'debian.iso'],
    ['debian.iso', 'debian.iso'],
    ['/tmp/', 'tmp'],
    ['/', '/'],
    ['', ''],
  ])('of %s is %s', (path, name) => {
    expect(baseName(path)).toBe(name);
  });
});
