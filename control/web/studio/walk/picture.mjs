// Pictures whose truth is known: a grey wall, a head of flat colours, and one coloured row where the crown is and one
// where the chin is. And a look at what came back, by a decoder that is not ours.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the marks are, in pixels of the upright picture. */
export const truth = { width: 1800, height: 2400, crown: 620, chin: 1500, x: 900, wall: [208, 210, 214] };

/** Draws the picture in a browser page, and hides random bytes in it by which it can be found again anywhere. */
export async function portrait(page, orientation = 1) {
  const base64 = await page.evaluate(
    async ({ t, orientation }) => {
      const upright = new OffscreenCanvas(t.width, t.height);
      const g = upright.getContext('2d');
      g.fillStyle = `rgb(${t.wall})`;
      g.fillRect(0, 0, t.width, t.height);
      g.fillStyle = 'rgb(60 70 90)'; // shoulders
      g.beginPath();
      g.ellipse(t.x, t.height + 60, 720, 720, 0, 0, 7);
      g.fill();
      g.fillStyle = 'rgb(176 140 120)'; // neck and head
      g.fillRect(t.x - 170, t.chin - 160, 340, 420);
      g.beginPath();
      g.ellipse(t.x, (t.crown + t.chin) / 2, 330, (t.chin - t.crown) / 2, 0, 0, 7);
      g.fill();
      g.fillStyle = 'rgb(255 0 0)'; // the crown's row and the chin's, 8 px high about the exact row
      g.fillRect(t.x - 240, t.crown - 4, 480, 8);
      g.fillStyle = 'rgb(0 0 255)';
      g.fillRect(t.x - 240, t.chin - 4, 480, 8);
      let canvas = upright;
      if (orientation === 6) {
        // As a phone held upright stores it: lying on its side, with a tag that says so.
        canvas = new OffscreenCanvas(t.height, t.width);
        const c = canvas.getContext('2d');
        c.translate(0, t.width);
        c.rotate(-Math.PI / 2);
        c.drawImage(upright, 0, 0);
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })).arrayBuffer());
      let text = '';
      for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
      return btoa(text);
    },
    { t: truth, orientation },
  );
  return hide(Buffer.from(base64, 'base64'), orientation);
}

/** A face that nets find, of somebody who does not exist: the site's own sample, with more wall around it. Where crown of the
    hair and chin are was seen by eye. */
export const person = { width: 1480, height: 1560, crown: { x: 730, y: 442 }, chin: { x: 745, y: 1106 } };

export async function face(page, orientation = 1, stretch = { left: 200, top: 400, right: 200, bottom: 83 }, twice = false) {
  const sample = (await readFile(join(import.meta.dirname, '../../static/portrait.jpg'))).toString('base64');
  const base64 = await page.evaluate(
    async ({ sample, orientation, s, twice }) => {
      const from = await createImageBitmap(new Blob([Uint8Array.from(atob(sample), (c) => c.charCodeAt(0))]));
      const upright = new OffscreenCanvas(from.width + s.left + s.right, from.height + s.top + s.bottom);
      const g = upright.getContext('2d');
      // The outermost pixels are carried on, first sideways, then up and down.
      g.drawImage(from, 0, 0, 1, from.height, 0, s.top, s.left, from.height);
      g.drawImage(from, from.width - 1, 0, 1, from.height, s.left + from.width, s.top, s.right, from.height);
      g.drawImage(from, s.left, s.top);
      g.drawImage(upright, 0, s.top, upright.width, 1, 0, 0, upright.width, s.top);
      g.drawImage(upright, 0, s.top + from.height - 1, upright.width, 1, 0, s.top + from.height, upright.width, s.bottom);
      if (twice) g.drawImage(from, s.left + from.width, s.top); // somebody beside, in the room on the right
      let canvas = upright;
      if (orientation === 6) {
        canvas = new OffscreenCanvas(upright.height, upright.width);
        const c = canvas.getContext('2d');
        c.translate(0, upright.width);
        c.rotate(-Math.PI / 2);
        c.drawImage(upright, 0, 0);
      }
      const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: 'image/jpeg', quality: 0.95 })).arrayBuffer());
      let text = '';
      for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
      return btoa(text);
    },
    { sample, orientation, s: stretch, twice },
  );
  return hide(Buffer.from(base64, 'base64'), orientation);
}

/** Hides random bytes in a JPEG by which it can be found again, and says how it is turned. */
function hide(jpeg, orientation) {
  const secret = randomBytes(48);
  const parts = [jpeg.subarray(0, 2)];
  if (orientation !== 1) parts.push(exif(orientation));
  parts.push(segment(0xfe, secret), jpeg.subarray(2));
  return { bytes: Buffer.concat(parts), secret };
}

function segment(marker, payload) {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(payload.length + 2, 2);
  return Buffer.concat([head, payload]);
}

/** The smallest EXIF there is: one entry, the orientation. */
function exif(orientation) {
  const tiff = Buffer.alloc(26);
  tiff.write('MM\0*', 0, 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(0x0112, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return segment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]));
}

/** Ways in which bytes of the photo could travel: as they are, or written as base64 (at any of three shifts) or hex. */
export function traces(photo) {
  const pieces = [photo.secret.subarray(8, 40)];
  // Pieces of the picture itself, from where it has something to show: flat parts are bytes that any file may hold.
  for (let at = 4096; at + 32 < photo.bytes.length && pieces.length < 9; at += 1024) {
    const piece = photo.bytes.subarray(at, at + 32);
    if (new Set(piece).size >= 22) pieces.push(piece);
  }
  if (pieces.length < 5) throw new Error('the picture is too plain to be looked for');
  return pieces.flatMap((p) => [
    p,
    Buffer.from(p.toString('hex')),
    ...[0, 1, 2].map((shift) => Buffer.from(p.subarray(shift).toString('base64').slice(0, 32))),
  ]);
}

/** What a JPEG says of itself: its size, and the density of its JFIF header. */
export function facts(jpeg) {
  const out = { width: 0, height: 0, dpi: [0, 0], comments: 0, exif: false };
  let at = 2;
  if (jpeg[0] !== 0xff || jpeg[1] !== 0xd8) throw new Error('not a JPEG');
  while (at < jpeg.length) {
    const marker = jpeg[at + 1];
    const length = jpeg.readUInt16BE(at + 2);
    const body = jpeg.subarray(at + 4, at + 2 + length);
    if (marker === 0xe0 && body.toString('latin1', 0, 4) === 'JFIF') {
      const unit = body[7];
      const factor = unit === 1 ? 1 : unit === 2 ? 2.54 : 0;
      out.dpi = [body.readUInt16BE(8) * factor, body.readUInt16BE(10) * factor];
    }
    if (marker === 0xe1) out.exif = true;
    if (marker === 0xfe) out.comments++;
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      out.height = body.readUInt16BE(1);
      out.width = body.readUInt16BE(3);
    }
    if (marker === 0xda) break;
    at += 2 + length;
  }
  return out;
}

/** Decodes a picture in the browser and measures it: where the two rows are, how far the wall strays from one colour. */
export async function measure(page, bytes) {
  return page.evaluate(async (base64) => {
    const text = atob(base64);
    const data = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([data], { type: 'image/jpeg' }));
    const { width, height } = bitmap;
    const g = new OffscreenCanvas(width, height).getContext('2d');
    g.drawImage(bitmap, 0, 0);
    const px = g.getImageData(0, 0, width, height).data;
    const middle = Math.round(width / 2);
    const row = (score) => {
      let sum = 0;
      let weight = 0;
      for (let y = 0; y < height; y++) {
        let s = 0;
        for (let x = middle - 40; x <= middle + 40; x++) s += Math.max(0, score((y * width + x) * 4));
        if (s < 80 * 40) continue; // fringes of the colour next to it
        sum += s * (y + 0.5);
        weight += s;
      }
      return weight > 0 ? sum / weight : NaN;
    };
    const red = row((i) => px[i] - Math.max(px[i + 1], px[i + 2]) - 60);
    const blue = row((i) => px[i + 2] - Math.max(px[i], px[i + 1]) - 60);
    // Columns of the red row, to see that the head is in the middle.
    let left = width;
    let right = 0;
    const y = Math.round(red - 0.5);
    for (let x = 0; x < width; x++) {
      const i = (y * width + x) * 4;
      if (px[i] - Math.max(px[i + 1], px[i + 2]) > 100) {
        left = Math.min(left, x);
        right = Math.max(right, x + 1);
      }
    }
    // The wall: the outer eighth on both sides, in the upper half.
    const mean = [0, 0, 0];
    let worst = 0;
    let n = 0;
    const wall = (visit) => {
      for (let yy = 0; yy < height / 2; yy++) {
        for (let x = 0; x < width; x++) {
          if (x < width / 8 || x >= (width * 7) / 8) visit((yy * width + x) * 4);
        }
      }
    };
    wall((i) => {
      for (let c = 0; c < 3; c++) mean[c] += px[i + c];
      n++;
    });
    for (let c = 0; c < 3; c++) mean[c] /= n;
    wall((i) => {
      for (let c = 0; c < 3; c++) worst = Math.max(worst, Math.abs(px[i + c] - mean[c]));
    });
    return { width, height, red, blue, middle: (left + right) / 2, wall: mean, stray: worst };
  }, bytes.toString('base64'));
}

/** How far a finished photo is from the picture itself, cut out by the matrix: mean difference in levels, and the share of
    pixels that differ plainly. A mark over it shows here wherever it lies. The reference is drawn by the browser. */
export async function difference(page, photo, answer) {
  return page.evaluate(
    async ({ source, made, affine }) => {
      const open = async (base64) => {
        const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        return createImageBitmap(new Blob([data], { type: 'image/jpeg' }), { imageOrientation: 'from-image' });
      };
      const [from, to] = [await open(source), await open(made)];
      const draw = (paint) => {
        const g = new OffscreenCanvas(to.width, to.height).getContext('2d');
        g.imageSmoothingQuality = 'high';
        paint(g);
        return g.getImageData(0, 0, to.width, to.height).data;
      };
      const [a, b, c, d, e, f] = affine;
      const want = draw((g) => {
        g.setTransform(a, d, b, e, c, f);
        g.drawImage(from, 0, 0);
      });
      const got = draw((g) => g.drawImage(to, 0, 0));
      let sum = 0;
      let plain = 0;
      const n = to.width * to.height;
      for (let i = 0; i < n * 4; i += 4) {
        const off = Math.max(Math.abs(want[i] - got[i]), Math.abs(want[i + 1] - got[i + 1]), Math.abs(want[i + 2] - got[i + 2]));
        sum += off;
        if (off > 12) plain++;
      }
      return { mean: sum / n, share: plain / n };
    },
    { source: photo.bytes.toString('base64'), made: answer.data, affine: answer.affine },
  );
}
