// A picture as the page holds it: the bytes as the person gave them, for the edge, and a smaller upright copy to draw.
import { Problem } from './talk';

export interface Picture {
  bytes: ArrayBuffer;
  type: string;
  /** Pixels of the upright picture: what the marks are given in. */
  width: number;
  height: number;
  /** An upright copy, no larger than a screen needs. */
  screen: ImageBitmap;
  /** Screen pixels per picture pixel. */
  ratio: number;
}

const screenSide = 2000; // px; enough for the loupe on a 3x phone

export async function open(file: Blob): Promise<Picture> {
  const bytes = await file.arrayBuffer().catch(() => {
    throw new Problem('That file could not be read.', '', 'If it lives in a cloud folder, download it first, then choose it again.');
  });
  const type = file.type || sniff(new Uint8Array(bytes, 0, Math.min(16, bytes.byteLength)));
  let full: ImageBitmap;
  try {
    // Turned as its EXIF tag asks, so that the marks and the edge speak of the same, upright picture.
    full = await createImageBitmap(new Blob([bytes], { type }), { imageOrientation: 'from-image' });
  } catch {
    throw /hei[cf]/i.test(type + (file instanceof File ? file.name : ''))
      ? new Problem('This browser cannot open HEIC pictures.', '', 'On an iPhone choose Settings, Camera, Formats, Most Compatible; or save the picture as JPEG first.')
      : new Problem('That file is not a picture we can open.', '', 'Choose a JPEG, PNG, WebP or AVIF file.');
  }
  const { width, height } = full;
  const ratio = Math.min(1, screenSide / Math.max(width, height));
  if (ratio === 1) return { bytes, type, width, height, screen: full, ratio };
  const screen = await createImageBitmap(full, {
    resizeWidth: Math.round(width * ratio),
    resizeHeight: Math.round(height * ratio),
    resizeQuality: 'high',
  });
  full.close();
  return { bytes, type, width, height, screen, ratio };
}

/** Overwrites what can be overwritten; the rest is the browser's to collect. */
export function wipe(p: Picture) {
  p.screen.close();
  if (p.bytes.byteLength > 0) new Uint8Array(p.bytes).fill(0);
}

function sniff(head: Uint8Array): string {
  const text = String.fromCharCode(...head);
  if (head[0] === 0xff && head[1] === 0xd8) return 'image/jpeg';
  if (text.startsWith('\x89PNG')) return 'image/png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (text.slice(4, 8) === 'ftyp') return text.slice(8, 12) === 'avif' ? 'image/avif' : 'image/heic';
  return 'application/octet-stream';
}
