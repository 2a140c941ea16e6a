import { defaultClientConditions, defineConfig } from 'vite';
import { parts } from './parts.js';

// The output is below cmd/app because Go embeds only files below its own folder.
export default defineConfig({
  build: {
    assetsInlineLimit: 0,
    cssTarget: 'safari16',
    emptyOutDir: true,
    modulePreload: false,
    outDir: '../../cmd/app/dist',
    rolldownOptions: { input: ['index.html', 'settings.html', 'process.html', 'picture.html'] },
    target: 'safari16',
  },
  plugins: [parts()],
  // Use the sources of the API, so that it need not be built first.
  resolve: { conditions: ['casement-source', ...defaultClientConditions] },
});
