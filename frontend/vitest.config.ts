import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import { parts } from './app/parts.js';

const conditions = ['casement-source', ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    projects: [
      { extends: true, test: { name: 'api', root: 'api', environment: 'node' } },
      {
        extends: true,
        plugins: [parts()],
        test: { name: 'app', root: 'app', environment: 'happy-dom' },
      },
    ],
  },
});
