/**
 * The built-ins that the runtime uses, saved before any script of the page runs. A page may replace
 * console, JSON or prototypes later: the runtime still delivers and acknowledges Go's messages.
 *
 * Code that handles Go's messages therefore calls no method of a built-in prototype, iterates by
 * index, and awaits promises instead of calling their `then`.
 *
 * @module
 */

export const { parse, stringify: json } = JSON;
export const { create, freeze, defineProperty, hasOwn, keys: keysOf, values: valuesOf } = Object;
export const { isView } = ArrayBuffer;
export const { apply } = Reflect;
export const { now } = Date;
export const { ceil } = Math;
export const toText = String;
export const { queueMicrotask: microtask, setTimeout: later } = globalThis;

const { bind, call } = Function.prototype;

/** Returns a method as a function whose first argument is the method's `this`. */
const uncurry = bind.bind(call) as <Self, Args extends unknown[], Result>(
  method: (this: Self, ...args: Args) => Result,
) => (self: Self, ...args: Args) => Result;

export const shift = uncurry(Array.prototype.shift) as <T>(array: T[]) => T | undefined;
export const slice = uncurry(String.prototype.slice);
export const indexOf = uncurry(String.prototype.indexOf);
export const startsWith = uncurry(String.prototype.startsWith);
export const charCodeAt = uncurry(String.prototype.charCodeAt);
export const match = uncurry(RegExp.prototype.exec);

const { get, set, has, delete: remove, forEach } = Map.prototype;

const OwnMap = Map;
/** Returns a map whose methods are its own properties. */
export const createMap = <Key, Value>(): Map<Key, Value> => {
  const map = new OwnMap<Key, Value>();
  map.get = get;
  map.set = set;
  map.has = has;
  map.delete = remove;
  map.forEach = forEach;
  return map;
};

const OwnPromise = Promise;
export const promise = <T>(
  executor: (resolve: (value: T) => void, reject: (reason: unknown) => void) => void,
): Promise<T> => new OwnPromise<T>(executor);

const OwnBuffer = ArrayBuffer;
const OwnOctets = Uint8Array;
export const isBuffer = (candidate: unknown): candidate is ArrayBuffer =>
  candidate instanceof OwnBuffer;
export const newBuffer = (size: number): ArrayBuffer => new OwnBuffer(size);
/** Returns a part of a buffer as a `Uint8Array`, without a copy. */
export const octetsOf = (
  buffer: ArrayBuffer,
  offset?: number,
  length?: number,
): Uint8Array<ArrayBuffer> => new OwnOctets(buffer, offset, length);
export const copyOf = uncurry(OwnOctets.prototype.slice) as (
  octets: Uint8Array<ArrayBuffer>,
) => Uint8Array<ArrayBuffer>;

const OwnWeakRef = WeakRef;
const { deref } = WeakRef.prototype;
/** Returns a weak reference whose `deref` is its own property. */
export const weak = <T extends object>(target: T): WeakRef<T> => {
  const ref = new OwnWeakRef(target);
  ref.deref = deref as () => T;
  return ref;
};
