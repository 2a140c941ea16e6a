package pagetest

// Vandal is a script that breaks everything that a page can replace. The methods of the language's
// prototypes and namespaces, its constructors, the console, timers and fetch throw when they are
// called. Every object has a toJSON that throws. Functions that the syntax itself calls stay:
// Promise's constructor, generators and, in QuickJS, String.prototype.concat for templates.
const Vandal = `(() => {
	const boom = function () { throw 'vandal'; };
	const { getPrototypeOf, getOwnPropertyDescriptor, defineProperty } = Object;
	const { ownKeys } = Reflect;
	const { prototype: promise } = Promise;
	const { prototype: string } = String;
	const spoil = (target) => {
		if (target === undefined || target === null) return;
		const keys = ownKeys(target);
		for (let at = 0; at < keys.length; at++) {
			const key = keys[at];
			if (key === 'prototype' || (target === promise && key === 'constructor') || (target === string && key === 'concat')) continue;
			const { configurable, writable, value, get } = getOwnPropertyDescriptor(target, key);
			if (typeof value !== 'function' && !get) continue;
			try {
				if (configurable) defineProperty(target, key, { value: boom, configurable: true, writable: true });
				else if (writable) target[key] = boom;
			} catch {}
		}
	};
	const names = ['Array', 'ArrayBuffer', 'BigInt', 'BigUint64Array', 'Boolean', 'DataView', 'Date', 'Element', 'Error',
		'ErrorEvent', 'Event', 'EventTarget', 'FinalizationRegistry', 'Function', 'Map', 'Number', 'Object', 'Promise',
		'RangeError', 'RegExp', 'Set', 'String', 'SyntaxError', 'TypeError', 'Uint8Array', 'URL', 'WeakMap', 'WeakRef',
		'WeakSet', 'JSON', 'Math', 'Reflect', 'console', 'crypto', 'performance'];
	const all = [getPrototypeOf(Uint8Array), getPrototypeOf(Uint8Array.prototype), getPrototypeOf([][Symbol.iterator]()),
		getPrototypeOf(new Map().values()), getPrototypeOf(''[Symbol.iterator]()), globalThis.UserMessageHandler?.prototype];
	for (let at = 0; at < names.length; at++) {
		const one = globalThis[names[at]];
		all[all.length] = one;
		all[all.length] = one?.prototype;
	}
	for (let at = 0; at < all.length; at++) spoil(all[at]);
	for (let at = 0; at < names.length; at++) globalThis[names[at]] = boom;
	const functions = ['queueMicrotask', 'fetch', 'setTimeout', 'atob', 'btoa', 'reportError', 'structuredClone', 'addEventListener'];
	for (let at = 0; at < functions.length; at++) globalThis[functions[at]] = boom;
	const root = getPrototypeOf({});
	root.toJSON = boom;
	root.extra = boom; // A loop over properties finds it.
	getPrototypeOf([]).toJSON = boom;
})();`
