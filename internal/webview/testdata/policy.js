// One case for everything that a policy governs. A case succeeds, throws, or causes a violation
// event.
const at = (url) => new URL(url, location.origin).href;

/** Adds an element and waits for it to load. */
function load(name, attributes, to = document.head) {
  return new Promise((resolve, reject) => {
    const element = Object.assign(document.createElement(name), attributes);
    element.onload = element.onloadeddata = () => resolve(element);
    element.onerror = () => reject(new Error(`${name} failed`));
    to.append(element);
  });
}

/** Ignores failures for other reasons, such as invalid font data. Violations come before them. */
async function tried(promise) {
  await promise.catch(() => new Promise((resolve) => setTimeout(resolve)));
}

const blob = (text, type) => URL.createObjectURL(new Blob([text], { type }));
const image = 'data:image/svg+xml,' + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>');

/** Adds a frame and waits for its message. */
async function frame(attributes) {
  const runs = new Promise((resolve) => addEventListener('message', (e) => e.data === 'runs' && resolve(), { once: true }));
  document.body.append(Object.assign(document.createElement('iframe'), attributes));
  await runs;
}

function work(url) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(url);
    worker.onmessage = resolve;
    worker.onerror = () => reject(new Error('the worker failed'));
  });
}

const worker = 'postMessage(1)';
// A module with one function, which returns 42.
const wasm = Uint8Array.from(
  [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 7, 5, 1, 1, 102, 0, 0, 10, 6, 1, 4, 0, 65, 42, 11]);

/** Clicks an element whose script sets a variable. Throws if the script did not run. */
async function ran(element) {
  delete globalThis.reached;
  document.body.append(element);
  element.click();
  await new Promise((resolve) => setTimeout(resolve));
  if (!globalThis.reached) throw new Error('it did not run');
}

const cases = {
  'script': (url) => load('script', { src: at(url) }),
  'module': (url) => import(at(url)),
  'script blob': () => load('script', { src: blob('1', 'text/javascript') }),
  'script data': () => load('script', { src: 'data:text/javascript,1' }),
  'script injected': async () => {
    delete globalThis.reached;
    document.body.append(Object.assign(document.createElement('script'), { text: 'globalThis.reached = true' }));
    if (!globalThis.reached) throw new Error('it did not run');
  },
  'script attribute': () => {
    const button = document.createElement('button');
    button.setAttribute('onclick', 'globalThis.reached = true');
    return ran(button);
  },
  'script image error': async () => {
    delete globalThis.reached;
    document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="globalThis.reached = true">');
    for (let i = 0; i < 100 && !globalThis.reached; i++) await new Promise((resolve) => setTimeout(resolve));
    if (!globalThis.reached) throw new Error('it did not run');
  },
  'script URL': () => ran(Object.assign(document.createElement('a'), { href: 'javascript:void (globalThis.reached = true)' })),
  'eval': async () => (0, eval)('1'),
  'Function': async () => new Function('1')(),
  'timer string': () => new Promise((resolve) => { globalThis.done = resolve; setTimeout('done()'); }),
  'wasm': async () => {
    const { instance } = await WebAssembly.instantiate(wasm);
    if (instance.exports.f() !== 42) throw new Error('it did not run');
  },
  'style': (url) => load('link', { rel: 'stylesheet', href: at(url) }),
  'style injected': async () => {
    document.head.append(Object.assign(document.createElement('style'), { textContent: 'body { color: rgb(1, 2, 3) }' }));
    if (getComputedStyle(document.body).color !== 'rgb(1, 2, 3)') throw new Error('it is not applied');
  },
  'style attribute': async () => {
    document.body.setAttribute('style', 'color: rgb(4, 5, 6)');
    if (getComputedStyle(document.body).color !== 'rgb(4, 5, 6)') throw new Error('it is not applied');
  },
  'image': (url) => load('img', { src: at(url) }),
  'image data': () => load('img', { src: image }),
  'image blob': () => load('img', { src: blob(decodeURIComponent(image.slice(19)), 'image/svg+xml') }),
  'font': (url) => tried(new FontFace('f', `url(${at(url)})`).load()),
  'font data': () => tried(new FontFace('f', 'url(data:font/ttf,x)').load()),
  'fetch': (url) => fetch(at(url)),
  'fetch data': () => fetch('data:,x'),
  'fetch blob': () => fetch(blob('x', 'text/plain')),
  'events': (url) => new Promise((resolve, reject) => {
    const source = new EventSource(at(url));
    source.onopen = () => { source.close(); resolve(); };
    source.onerror = () => { source.close(); reject(new Error('no events')); };
  }),
  'socket': (url) => new Promise((resolve, reject) => {
    const socket = new WebSocket(at(url).replace(/^\w+/, 'ws'));
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('no socket'));
  }),
  // sendBeacon returns true even if it is refused.
  'beacon': async (url) => { navigator.sendBeacon(at(url), 'x'); await new Promise((resolve) => setTimeout(resolve)); },
  'media data': () => tried(load('audio', { src: 'data:audio/wav,x' })),
  'media blob': () => tried(load('audio', { src: blob('x', 'audio/wav') })),
  'media': (url) => tried(load('audio', { src: at(url) })),
  'worker': (url) => work(at(url)),
  'worker blob': () => work(blob(worker, 'text/javascript')),
  'worker data': () => work(`data:text/javascript,${worker}`),
  'object': (url) => load('object', { data: at(url), type: 'text/html' }, document.body),
  'embed': (url) => load('embed', { src: at(url), type: 'text/html' }, document.body),
  // WebKit would report removing the element as a violation.
  'base': async (url) => {
    const base = document.querySelector('base') ?? document.head.appendChild(document.createElement('base'));
    base.href = at(url);
    if (document.baseURI !== at(url)) throw new Error(`the base is ${document.baseURI}`);
  },
  'form': (url) => new Promise((resolve) => {
    const frame = Object.assign(document.createElement('iframe'), { name: 'target' });
    addEventListener('message', (e) => e.data === 'runs' && resolve(), { once: true });
    document.body.append(frame);
    const form = Object.assign(document.createElement('form'), { action: at(url), target: 'target' });
    document.body.append(form);
    form.submit();
  }),
  'frame': (url) => frame({ src: at(url) }),
  'frame srcdoc': () => frame({ srcdoc: '<script src="/runs.js"></script>' }),
  'frame data': () => frame({ src: `data:text/html,<script>parent.postMessage('runs', '*')</script>` }),
};

/** Runs a case. Returns "ok" or the directive that refused it. */
globalThis.run = async (name, url) => {
  const violated = new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', (e) => resolve(e.effectiveDirective), { once: true });
  });
  // A failure without a violation is not the policy's: the promise never settles, and the test
  // times out.
  return await Promise.race([violated, cases[name](url).then(() => 'ok', () => violated)]);
};
