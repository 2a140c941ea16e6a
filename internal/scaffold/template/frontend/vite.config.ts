import { realpathSync } from 'node:fs';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// With this condition, Casement's API resolves to its TypeScript source, outside this folder.
const source = 'casement-source';

export default defineConfig({
  build: {
    assetsInlineLimit: 0,
    emptyOutDir: true,
    modulePreload: false,
    outDir: '../dist',
    target: 'safari16',
  },
  resolve: { conditions: [source, ...defaultClientConditions] },
  ssr: { resolve: { conditions: [source, ...defaultServerConditions] } },
  server: { fs: { allow: ['.', realpathSync('node_modules/@casement/api')] } },
  test: { environment: 'happy-dom' },
});
