// Runs at document start in every frame. GStreamer, which plays audio and video for WebKitGTK,
// can't load app: URLs. So media elements get the URL at which the program streams the same file
// over loopback HTTP. To the page they still have the URL that it set, except in outerHTML,
// attribute nodes and selectors.
((own, ask) => {
  'use strict';
  if (self.origin !== own) return;
  const { apply } = Reflect;
  const get = (type, name) => Object.getOwnPropertyDescriptor(type.prototype, name).get;
  const set = (type, name) => Object.getOwnPropertyDescriptor(type.prototype, name).set;
  const { getAttribute, setAttribute, removeAttribute, hasAttribute, querySelectorAll, attachShadow } = Element.prototype;
  const { open, send } = XMLHttpRequest.prototype;
  const [status, text] = [get(XMLHttpRequest, 'status'), get(XMLHttpRequest, 'responseText')];
  const [parent, base] = [get(Node, 'parentNode'), get(Node, 'baseURI')];
  const Request = XMLHttpRequest;
  const Address = URL;

  /** Each element's src before it was replaced, and the media elements to which CORS was added. */
  const written = new WeakMap();
  const cors = new WeakSet();

  /** The address of the stream: undefined before it is requested, null if there is none. */
  let stream;
  const streams = () => {
    if (stream !== undefined) return stream;
    stream = null;
    try {
      const request = new Request();
      apply(open, request, ['GET', own + ask, false]);
      apply(send, request, []);
      if (apply(status, request, []) === 200) stream = apply(text, request, []);
    } catch {
      // The page's policy allows no requests.
    }
    return stream;
  };

  const streamed = (element, url) => {
    let absolute;
    try {
      absolute = new Address(url, apply(base, element, [])).href;
    } catch {
      return null;
    }
    if (!absolute.startsWith(`${own}/`) || !streams()) return null;
    return stream + absolute.slice(own.length);
  };
  /** Converts a URL of the stream back to the page's. Other URLs stay as they are. */
  const original = (url) => (stream && url.startsWith(`${stream}/`) ? own + url.slice(stream.length) : url);

  const player = (element) => {
    const of = element instanceof HTMLSourceElement ? apply(parent, element, []) : element;
    return of instanceof HTMLMediaElement ? of : null;
  };

  /** The stream has another origin: without CORS, Web Audio gets silence and a canvas is tainted. */
  const share = (element, shared) => {
    const media = player(element);
    if (!media) return;
    if (shared && !apply(hasAttribute, media, ['crossorigin'])) {
      cors.add(media);
      apply(setAttribute, media, ['crossorigin', 'anonymous']);
    } else if (!shared && cors.delete(media)) {
      apply(removeAttribute, media, ['crossorigin']);
    }
  };

  /** Sets the src attribute to a URL of the page, or to the stream's URL for it. */
  const assign = (element, url) => {
    const to = streamed(element, url);
    written.delete(element);
    if (to) written.set(element, { url, to });
    share(element, to !== null || original(url) !== url);
    apply(setAttribute, element, ['src', to ?? url]);
  };

  /** Replaces a src that was set in another way. Reports whether it had to. */
  const look = (element) => {
    const url = apply(getAttribute, element, ['src']);
    if (url === null) return false;
    const already = original(url) !== url; // a source that got its parent later, or a clone
    if (!already && streamed(element, url)) {
      assign(element, url);
      return true;
    }
    share(element, already);
    return false;
  };
  const lookAt = (media) => {
    let replaced = look(media);
    for (const source of apply(querySelectorAll, media, ['source[src]'])) replaced = look(source) || replaced;
    return replaced;
  };

  // Elements that have a src from the start, as those from markup, are caught when they begin to
  // load. This costs other documents nothing. The element loads again, and the page sees one set of
  // events.
  const { load } = HTMLMediaElement.prototype;
  const again = new WeakSet();
  const restart = (media) => {
    again.add(media);
    apply(load, media, []);
  };
  const begins = (event) => {
    const media = event.target;
    if (!(media instanceof HTMLMediaElement)) return;
    if (event.type !== 'loadstart') {
      if (again.has(media)) event.stopImmediatePropagation();
      return;
    }
    again.delete(media);
    if (!lookAt(media)) return;
    event.stopImmediatePropagation();
    restart(media);
  };
  const watch = (root) => {
    for (const name of ['loadstart', 'abort', 'emptied']) root.addEventListener(name, begins, true);
  };
  watch(self);
  Element.prototype.attachShadow = function attachShadowRoot(...rest) {
    const root = apply(attachShadow, this, rest);
    watch(root);
    return root;
  };

  for (const type of [HTMLMediaElement, HTMLSourceElement]) {
    const [read, write] = [get(type, 'src'), set(type, 'src')];
    Object.defineProperty(type.prototype, 'src', {
      configurable: true,
      enumerable: true,
      get() {
        return original(apply(read, this, []));
      },
      set(url) {
        if (typeof url === 'string' || typeof url === 'object') assign(this, `${url}`);
        else apply(write, this, [url]);
      },
    });
    type.prototype.setAttribute = function setMediaAttribute(...rest) {
      const [name, value] = rest;
      if (rest.length > 1 && `${name}`.toLowerCase() === 'src') assign(this, `${value}`);
      else apply(setAttribute, this, rest);
    };
    type.prototype.getAttribute = function getMediaAttribute(...rest) {
      const value = apply(getAttribute, this, rest);
      if (value === null || `${rest[0]}`.toLowerCase() !== 'src') return value;
      const before = written.get(this);
      return before?.to === value ? before.url : original(value);
    };
  }

  const current = get(HTMLMediaElement, 'currentSrc');
  Object.defineProperty(HTMLMediaElement.prototype, 'currentSrc', {
    configurable: true,
    enumerable: true,
    get() {
      return original(apply(current, this, []));
    },
  });
  // An element that was never in a document may have a src, too: one from markup, or a clone.
  for (const name of ['play', 'load']) {
    const method = HTMLMediaElement.prototype[name];
    HTMLMediaElement.prototype[name] = {
      [name]() {
        // If the element has tried a source before it is replaced, only load() makes it try again.
        if (this instanceof HTMLMediaElement && lookAt(this) && name === 'play') restart(this);
        return apply(method, this, []);
      },
    }[name];
  }
  self.Audio = new Proxy(Audio, {
    construct(target, [url], as) {
      const audio = Reflect.construct(target, [], as);
      if (url !== undefined) assign(audio, `${url}`);
      return audio;
    },
  });
})
