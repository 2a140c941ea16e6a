import { defaultClientConditions, defineConfig } from 'vite';

// The bundle lands inside cmd/app because Go embeds files from its own folder only.
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
  // The API as it is written, which need not be built.
  resolve: { conditions: ['casement-source', ...defaultClientConditions] },
});
