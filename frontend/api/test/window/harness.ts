/** The checks of a test in a window. A test continues after a failure. */
export interface Checks {
  /** Compares by structure. */
  equal(got: unknown, want: unknown, what?: string): void;
  ok(condition: boolean, what: string): void;
  /** Checks that a promise rejects with an error that has this code. */
  rejects(promise: Promise<unknown>, code: string): Promise<void>;
}

type Test = (t: Checks) => void | Promise<void>;

const tests = new Map<string, Test>();

/** Declares a test. */
export function test(name: string, body: Test): void {
  tests.set(name, body);
}

/** Lists the tests of the file, for Go. */
export function names(): string[] {
  return [...tests.keys()];
}

/** Runs one test and returns its failures, for Go. */
export async function run(name: string): Promise<string[]> {
  const failures: string[] = [];
  const checks: Checks = {
    equal(got, want, what = 'value') {
      if (!same(got, want)) failures.push(`${what}: got ${show(got)}, want ${show(want)}`);
    },
    ok(condition, what) {
      if (!condition) failures.push(what);
    },
    async rejects(promise, code) {
      try {
        failures.push(`resolved to ${show(await promise)}, want a rejection with code ${code}`);
      } catch (error) {
        const got = (error as { code?: unknown }).code;
        if (got !== code) failures.push(`rejected with ${show(error)}, want code ${code}`);
      }
    },
  };
  try {
    await tests.get(name)?.(checks);
  } catch (error) {
    failures.push(`threw ${show(error)}`);
  }
  return failures;
}

function show(value: unknown): string {
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof ArrayBuffer)
    return `bytes [${new Uint8Array(value).slice(0, 16).join(' ')}]`;
  return JSON.stringify(value) ?? String(value);
}

function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof ArrayBuffer && b instanceof ArrayBuffer) {
    const [left, right] = [new Uint8Array(a), new Uint8Array(b)];
    return left.length === right.length && left.every((octet, at) => octet === right[at]);
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const [left, right] = [Object.entries(a), Object.entries(b)];
  return (
    Array.isArray(a) === Array.isArray(b) &&
    left.length === right.length &&
    left.every(([key, child]) => Object.hasOwn(b, key) && same(child, (b as never)[key]))
  );
}
