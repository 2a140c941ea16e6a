import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'api', root: 'api', environment: 'node' } },
      { test: { name: 'app', root: 'app', environment: 'happy-dom' } },
    ],
  },
});
