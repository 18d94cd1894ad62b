// Calls an edge with the npm package remove.bg, as its users do, and nothing changed in it but the host:
// node remove.mjs BASE KEY FILE URL BACKGROUND OUT
// Prints a name and what the client made of the answer a line; edge/removebg_test.go knows what each must say.
import fs from 'node:fs';
import { createRequire } from 'node:module';

const [base, apiKey, path, url, background, out] = process.argv.slice(2);
const require = createRequire(import.meta.url);
const { _extensions: load } = require('node:module');
const plain = load['.js'];
load['.js'] = (module, filename) => {
  if (!filename.endsWith('/remove.bg/dist/index.js')) return plain(module, filename);
  module._compile(fs.readFileSync(filename, 'utf8').replace('https://api.remove.bg', base), filename);
};
const { removeBackgroundFromImageFile, removeBackgroundFromImageUrl, removeBackgroundFromImageBase64 } = require('remove.bg');
const base64img = fs.readFileSync(path, 'base64');

const calls = {
  file: () => removeBackgroundFromImageFile({ path, apiKey, outputFile: `${out}/file` }),
  'file with options': () =>
    removeBackgroundFromImageFile({
      path, apiKey, outputFile: `${out}/file with options`, size: 'auto', type: 'person', crop: true, crop_margin: '10px 20px', scale: '50%', position: '0% 100%',
      roi: '0% 0% 100% 90%', bg_color: '81d4fa', add_shadow: true,
    }),
  url: () => removeBackgroundFromImageUrl({ url, apiKey, outputFile: `${out}/url`, size: 'full', channels: 'alpha' }),
  base64: () => removeBackgroundFromImageBase64({ base64img, apiKey, outputFile: `${out}/base64`, size: 'regular', bg_image_url: background }),
  'wrong key': () => removeBackgroundFromImageFile({ path, apiKey: 'another', outputFile: `${out}/none` }),
  'wrong key with an address': () => removeBackgroundFromImageUrl({ url, apiKey: 'another', outputFile: `${out}/none` }),
  'no picture': () => removeBackgroundFromImageBase64({ base64img: 'AAAA', apiKey, outputFile: `${out}/none` }),
  'nothing there': () => removeBackgroundFromImageUrl({ url: `${url}.gone`, apiKey, outputFile: `${out}/none` }),
  'a wrong size': () => removeBackgroundFromImageUrl({ url, apiKey, size: 'huge', roi: '1 2 3', outputFile: `${out}/none` }),
  'a car': () => removeBackgroundFromImageUrl({ url, apiKey, type: 'car', outputFile: `${out}/none` }),
};
for (const [name, call] of Object.entries(calls)) {
  try {
    const { base64img: made, ...about } = await call();
    if (fs.readFileSync(`${out}/${name}`, 'base64') !== made) throw new Error('the file is another than the answer');
    console.log(`${name}\t${JSON.stringify(about)}`);
  } catch (errors) {
    console.log(`${name}\t${JSON.stringify({ errors: Array.isArray(errors) ? errors : String(errors) })}`);
  }
}
