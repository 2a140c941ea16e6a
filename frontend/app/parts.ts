import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { normalizePath, type Plugin } from 'vite';

const folder = normalizePath(fileURLToPath(new URL('parts/', import.meta.url)));

/** expand replaces each line `<!-- include NAME -->` by the file NAME of the folder parts. */
function expand(html: string): string {
  return html.replace(/^( *)<!-- include (\S+) -->\n/gm, (_line, indent: string, name: string) =>
    readFileSync(folder + name, 'utf8').replace(/^(?=.)/gm, indent),
  );
}

/**
 * parts lets pages share HTML. It expands them in the build, in the dev server, and in tests that
 * import `?raw`.
 */
export function parts(): Plugin {
  return {
    name: 'parts',
    enforce: 'pre',
    transformIndexHtml: { order: 'pre', handler: expand },
    load(id) {
      const [, page] = /^(.*\.html)\?raw$/.exec(id) ?? [];
      return page && `export default ${JSON.stringify(expand(readFileSync(page, 'utf8')))}`;
    },
    handleHotUpdate({ file, server }) {
      if (!file.startsWith(folder)) return undefined;
      server.ws.send({ type: 'full-reload' });
      return [];
    },
  };
}
