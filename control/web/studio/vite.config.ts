import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

// Compresses once, at build time and as hard as it goes, what the program would otherwise send plain or compress for
// every visitor.
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    async closeBundle() {
      const folder = join(import.meta.dirname, 'dist/assets');
      for (const name of await readdir(folder)) {
        if (!/\.(js|css|svg)$/.test(name)) continue;
        const bytes = await readFile(join(folder, name));
        await writeFile(join(folder, `${name}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
        await writeFile(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: '/studio/',
  plugins: [svelte(), compressed()],
  build: {
    target: ['es2022', 'safari16'],
    assetsInlineLimit: 0, // a data: script or style would be refused by the page's policy
    modulePreload: { polyfill: false },
    reportCompressedSize: false, // size.mjs prints what counts
  },
  // `npm run dev` beside `make run`; the edge must allow the page: EDGE_ORIGINS=http://localhost:5173
  server: { proxy: { '/v1': 'http://127.0.0.1:8080' } },
  test: { include: ['src/**/*.test.ts'] },
});
