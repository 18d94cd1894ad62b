// Signs URLs with imgproxy's own npm package, as its users do: node sign-node.mjs BASE KEY SALT SOURCE PORTRAIT
// Prints a name and a URL a line; edge/clients_test.go knows what each must show.
import { generateImageUrl } from '@imgproxy/imgproxy-node';

const [endpoint, key, salt, source, portrait] = process.argv.slice(2);
const sign = (url, options) => generateImageUrl({ endpoint, key, salt, url, options });

// Options that the package does not know stand in wild_options, a list of a name and its arguments each.
const head = ['head', 174, 22, 174, 232];
const urls = {
  fit: sign(source, { resize: { resizing_type: 'fit', width: 50, height: 50 } }),
  fill: sign({ value: source, displayAs: 'plain' }, { resizing_type: 'fill', width: 60, height: 60, gravity: { type: 'no' }, format: 'webp' }),
  'no options': sign(source),
  document: sign(portrait, { wild_options: [['document', 'us-passport'], head], format: 'jpg' }),
  'document on white': sign(portrait, { wild_options: [['document', 'generic-cv-square']], background: 'fff' }),
};
for (const [name, url] of Object.entries(urls)) console.log(`${name}\t${url}`);
