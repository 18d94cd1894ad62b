// Signs URLs with the npm package imgproxy, as its users do: node sign.mjs BASE KEY SALT SOURCE PORTRAIT
// Prints a name and a URL a line; edge/clients_test.go knows what each must show.
import { Imgproxy } from 'imgproxy';

const [baseUrl, key, salt, source, portrait] = process.argv.slice(2);
const encoded = new Imgproxy({ baseUrl, key, salt, encode: true });
const plain = new Imgproxy({ baseUrl, key, salt, encode: false });

const urls = {
  fit: encoded.builder().resize('fit', 50, 50, 0).generateUrl(source),
  fill: encoded.builder().resize('fill', 60, 60, 0).gravity('no').format('webp').generateUrl(source),
  enlarged: encoded.builder().width(400).enlarge(1).quality(70).generateUrl(source, 'jpg'),
  focus: encoded.builder().crop(40, 30, { x: 0.25, y: 0.5 }).generateUrl(source, 'png'),
  offset: encoded.builder().size(50, 50).gravity({ type: 'nowe', xOffset: 5, yOffset: 0 }).generateUrl(source, 'png'),
  background: encoded.builder().background({ r: 255, g: 0, b: 0 }).blur(1).sharpen(1).cacheBuster('x').generateUrl(source, 'png'),
  plain: plain.builder().width(50).generateUrl(source, 'webp'),
  document: encoded.builder().setOption('document', 'us-passport').generateUrl(portrait, 'jpg'),
  'plain without options': plain.builder().generateUrl(source),
};
for (const [name, url] of Object.entries(urls)) console.log(`${name}\t${url}`);
