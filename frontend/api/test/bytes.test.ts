import { afterEach, describe, expect, test, vi } from 'vitest';
import { isBytes, sizeOf, stringify } from '../src/runtime/bytes.js';

const sizes = [0, 1, 2, 3, 4, 255, 256, 0x7fff, 0x8000, 0x8001, 100_003];

function pattern(size: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8)) & 255);
}

function reference(octets: Uint8Array): string {
  let binary = '';
  for (const octet of octets) binary += String.fromCharCode(octet);
  return btoa(binary);
}

/** The native methods of newer engines, built from those that all engines have. */
const native = {
  toBase64(this: Uint8Array): string {
    return reference(this);
  },
  setFromBase64(this: Uint8Array, text: string): { written: number } {
    const binary = atob(text);
    for (let at = 0; at < binary.length; at++) this[at] = binary.charCodeAt(at);
    return { written: binary.length };
  },
};

const variants: [name: string, setUp: () => void][] = [
  [
    'without the native methods',
    () => {
      for (const name of Object.keys(native)) {
        vi.spyOn(Uint8Array.prototype as never, name as never);
        Reflect.deleteProperty(Uint8Array.prototype, name);
      }
    },
  ],
  [
    'with the native methods',
    () => {
      for (const [name, value] of Object.entries(native)) {
        Object.defineProperty(Uint8Array.prototype, name, { value, configurable: true });
      }
    },
  ],
];

afterEach(() => {
  for (const name of Object.keys(native)) Reflect.deleteProperty(Uint8Array.prototype, name);
});

describe.each(variants.map(([name, setUp]) => ({ name, setUp })))(
  'base64 $name',
  ({ name, setUp }) => {
    /** Loads the module with or without the native methods. */
    const prepare = (): Promise<typeof import('../src/runtime/bytes.js')> => {
      if (name.startsWith('with ')) setUp();
      vi.resetModules();
      return import('../src/runtime/bytes.js');
    };

    test.each(sizes)('%i bytes there and back', async (size) => {
      const { decode, encode } = await prepare();
      const octets = pattern(size);
      const text = encode(octets);
      expect(text).toBe(reference(octets));
      expect(reference(new Uint8Array(decode(text)))).toBe(text);
    });

    test('views are encoded as the bytes they show', async () => {
      const { encode } = await prepare();
      const { buffer } = pattern(100);
      expect(encode(buffer)).toBe(reference(pattern(100)));
      expect(encode(new DataView(buffer, 10, 20))).toBe(reference(pattern(100).subarray(10, 30)));
      expect(encode(new Uint16Array(buffer, 2, 3))).toBe(reference(pattern(100).subarray(2, 8)));
    });

    test('pieces fill a target in order', async () => {
      const { decodeInto, encode } = await prepare();
      const octets = pattern(1000);
      const target = new Uint8Array(1000);
      let at = 0;
      for (const [from, to] of [
        [0, 300],
        [300, 303],
        [303, 999],
        [999, 1000],
      ] as const) {
        at = decodeInto(target.buffer, at, encode(octets.subarray(from, to)));
        expect(at).toBe(to);
      }
      expect(target).toEqual(octets);
    });
  },
);

describe('isBytes', () => {
  test.each([
    [new ArrayBuffer(0), true],
    [new Uint8Array(1), true],
    [new Float64Array(1), true],
    [new DataView(new ArrayBuffer(1)), true],
    [[1, 2], false],
    [{}, false],
    [null, false],
    [undefined, false],
    ['text', false],
  ])('%o', (candidate, expected) => {
    expect(isBytes(candidate)).toBe(expected);
  });
});

describe('sizeOf', () => {
  const texts = ['', 'x', 'é', '日', '😀', 'a日é😀z', '\u2028'.repeat(9), '😀日'.repeat(1000)];

  test.each(texts)('%o: is what UTF-8 takes where that matters', (text) => {
    expect(sizeOf(text, 0)).toBe(new TextEncoder().encode(text).length);
  });

  test.each(texts)('%o: is never too small, and at most what is enough', (text) => {
    const size = new TextEncoder().encode(text).length;
    for (const enough of [size - 1, size, size + 1, 3 * size]) {
      const got = sizeOf(text, enough);
      expect(got).toBeGreaterThanOrEqual(size);
      if (got !== size) expect(got).toBeLessThanOrEqual(enough);
    }
  });
});

describe('stringify', () => {
  test.each([
    [{}, '{}'],
    [{ a: [1, 'x', null, true, { b: undefined }] }, '{"a":[1,"x",null,true,{}]}'],
    [{ a: new Uint8Array([1, 2, 3]) }, '{"a":"AQID"}'],
    [{ a: new Uint8Array([1, 2, 3]).buffer }, '{"a":"AQID"}'],
    [
      { a: [{ b: { c: new DataView(new Uint8Array([1, 2, 3]).buffer, 1) } }] },
      '{"a":[{"b":{"c":"AgM="}}]}',
    ],
    [{ a: new Uint8Array() }, '{"a":""}'],
    [{ when: new Date(0) }, '{"when":"1970-01-01T00:00:00.000Z"}'],
    [{ a: { toJSON: () => ({ deep: new Uint8Array([1]) }) } }, '{"a":{"deep":"AQ=="}}'],
    [{ __proto__: null, a: 1 }, '{"a":1}'],
    ['text', '"text"'],
    [5, '5'],
    [null, 'null'],
    [undefined, 'null'],
    [() => 1, 'null'],
  ])('%o', (args, text) => {
    expect(stringify(args)).toBe(text);
  });

  test('finds bytes behind more values than it examines', () => {
    const many = Array.from({ length: 20_000 }, () => ({}));
    const text = stringify({ many, last: new Uint8Array([255]) });
    expect(text.endsWith('"last":"/w=="}')).toBe(true);
  });

  test('takes many values without bytes', () => {
    const many = Array.from({ length: 50_000 }, (_, n) => ({ n }));
    expect(JSON.parse(stringify({ many }))).toEqual({ many });
  });

  test('does not read the properties of an object with a toJSON', () => {
    const touched = vi.fn();
    const shy = {
      get secret() {
        touched();
        return {};
      },
      toJSON: () => 'shy',
    };
    expect(stringify({ shy })).toBe('{"shy":"shy"}');
    expect(touched).not.toHaveBeenCalled();
  });

  test('throws on a cycle, on a bigint and on a toJSON that throws', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => stringify(cycle)).toThrow();
    expect(() => stringify({ n: 1n })).toThrow(TypeError);
    expect(() =>
      stringify({
        get a() {
          throw new RangeError('no');
        },
      }),
    ).toThrow(RangeError);
  });
});
