// Prints what a first visit downloads as script and style, compressed as it is sent, and fails over the budget.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const budget = 150 * 1024;
const folder = join(import.meta.dirname, 'dist/assets');
let total = 0;
for (const name of (await readdir(folder)).sort()) {
  if (!/\.(js|css)$/.test(name)) continue;
  const plain = (await stat(join(folder, name))).size;
  const gzip = (await stat(join(folder, `${name}.gz`))).size;
  const brotli = (await stat(join(folder, `${name}.br`))).size;
  total += gzip; // the larger of the two, so that no browser gets more than is said here
  console.log(`studio: ${name}: ${plain} bytes, ${gzip} as gzip, ${brotli} as brotli`);
}
console.log(`studio: first load ${(total / 1024).toFixed(1)} KiB of script and style (gzip), budget ${budget / 1024} KiB`);
if (total === 0 || total > budget) {
  console.error('studio: over the budget, or nothing built');
  process.exit(1);
}
