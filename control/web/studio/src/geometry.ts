// The crop of a document photo, worked out in the browser while the marks move. It follows facts/geometry §4: every
// rule is linear in a scale s (mm per source pixel) and an offset t (mm), and the best crop is the one whose smallest
// distance to any limit is largest. The edge solves the same problem; what it answers is what counts.
import type { Band, Document } from './documents';

/** Two points on the upright picture, in its pixels. The crown is the top that the document counts. */
export interface Head {
  crownX: number;
  crownY: number;
  chinX: number;
  chinY: number;
}

/** x' = a x + b y + c, y' = d x + e y + f. */
export type Affine = [a: number, b: number, c: number, d: number, e: number, f: number];

export interface Crop {
  /** Takes a pixel of the upright picture to millimetres on the photo. */
  affine: Affine;
  width: number;
  height: number;
  /** The smallest distance to a limit, in mm; below nought a rule is broken. */
  slack: number;
  /** Whether the head's size is our default because the document states none. */
  assumed: boolean;
}

export function apply(m: Affine, x: number, y: number): { x: number; y: number } {
  return { x: m[0] * x + m[1] * y + m[2], y: m[3] * x + m[4] * y + m[5] };
}

export function scaled(m: Affine, factor: number): Affine {
  return m.map((v) => v * factor) as Affine;
}

/** Degrees by which the head leans to the right on the picture (its crown right of its chin). */
export function tilt(h: Head): number {
  return (Math.atan2(h.crownX - h.chinX, h.chinY - h.crownY) * 180) / Math.PI;
}

export function headLength(h: Head): number {
  return Math.hypot(h.chinX - h.crownX, h.chinY - h.crownY);
}

// The head of geometry §4.3: eyes half way between the chin and the crown of the skull, hair 6 % above it.
const eyes = 0.5;
const hair = 1.06;
const hairRoom = 1; // mm above the hair
const neckRoom = 2; // mm below the chin

interface Row {
  y: number; // in source pixels along the head's axis
  lo: number; // mm from the top
  hi: number;
}

/** Rows of the head along its own axis, from the marks. */
export function rows(h: Head, top: Document['head_top']): { top: number; hair: number; eye: number; chin: number } {
  const length = headLength(h);
  // Along the axis the crown lies at 0 and the chin at its length; the solver only needs differences.
  const skull = top === 'hair_top' ? length / hair : length;
  return { top: 0, chin: length, eye: length - eyes * skull, hair: length - hair * skull };
}

/** The crop for a head, or null while the marks do not make one (crown below chin, or on one another). */
export function solve(d: Document, h: Head): Crop | null {
  const length = headLength(h);
  if (!(length >= 4) || h.chinY <= h.crownY) return null;
  const { file_width_mm: width, height_mm: height, head_mm: head } = d.effective;
  const r = rows(h, d.head_top);

  // Rules on where a row lies, as limits from the top edge of the photo.
  const limits: Row[] = [
    { y: r.hair, lo: hairRoom, hi: Infinity },
    { y: r.chin, lo: -Infinity, hi: height - neckRoom },
  ];
  const fromBottom = (y: number, b: Band | null) => {
    if (b) limits.push({ y, lo: b.max === null ? -Infinity : height - b.max, hi: b.min === null ? Infinity : height - b.min });
  };
  fromBottom(r.eye, d.effective.eye_line_from_bottom_mm);
  fromBottom(r.chin, d.effective.chin_to_bottom_mm);
  const margin = d.effective.top_margin_mm;
  if (margin) limits.push({ y: r.top, lo: margin.min ?? -Infinity, hi: margin.max ?? Infinity });

  // For one scale, the best offset lies midway between the two tightest limits: no search is needed for it.
  const offsets = (s: number) => {
    let lo = -Infinity;
    let hi = Infinity;
    for (const l of limits) {
      lo = Math.max(lo, l.lo - s * l.y);
      hi = Math.min(hi, l.hi - s * l.y);
    }
    return { lo, hi };
  };
  const slackAt = (s: number) => {
    const { lo, hi } = offsets(s);
    const size = s * length;
    return Math.min(size - (head.min ?? -Infinity), (head.max ?? Infinity) - size, (hi - lo) / 2);
  };

  // The smallest distance is concave in the scale. The head's own limits are never given up for the others.
  const from = (head.min ?? 0.3 * height) / length;
  const to = (head.max ?? 0.9 * height) / length;
  let a = from;
  let b = to;
  for (let i = 0; i < 60; i++) {
    const u = a + (b - a) / 3;
    const v = b - (b - a) / 3;
    if (slackAt(u) < slackAt(v)) a = u;
    else b = v;
  }
  const best = slackAt((a + b) / 2);

  // Among equally good crops: free space above the head to free space below as 4 to 7.
  let s = (a + b) / 2;
  let t = 0;
  let worst = Infinity;
  const steps = 400;
  for (let i = 0; i <= steps; i++) {
    const at = i === steps ? (a + b) / 2 : from + ((to - from) * i) / (steps - 1);
    if (slackAt(at) < best - 1e-6) continue;
    const { lo, hi } = offsets(at);
    const even = (4 * (height - at * r.chin) - 7 * at * r.top) / 11;
    const room = Math.min(best, (hi - lo) / 2);
    const offset = Math.min(Math.max(even, lo + room), hi - room);
    const off = Math.abs(7 * (at * r.top + offset) - 4 * (height - at * r.chin - offset));
    if (off < worst - 1e-9) {
      worst = off;
      s = at;
      t = offset;
    }
  }

  // Along the head's axis, down; and across it, to the right.
  const vx = (h.chinX - h.crownX) / length;
  const vy = (h.chinY - h.crownY) / length;
  const affine: Affine = [
    s * vy,
    -s * vx,
    width / 2 - s * (vy * h.chinX - vx * h.chinY),
    s * vx,
    s * vy,
    t - s * (vx * h.crownX + vy * h.crownY),
  ];
  return { affine, width, height, slack: best, assumed: head.default };
}

/** What the head measures on a finished photo, in mm. */
export function headOn(m: Affine, h: Head): { height: number; top: number; chin: number } {
  const top = apply(m, h.crownX, h.crownY);
  const chin = apply(m, h.chinX, h.chinY);
  return { height: Math.hypot(chin.x - top.x, chin.y - top.y), top: top.y, chin: chin.y };
}

/** How far the crop reaches beyond the picture, in mm on the photo; nothing where it fits. */
export function missing(c: Crop, source: { width: number; height: number }): { side: 'top' | 'bottom' | 'left' | 'right'; mm: number }[] {
  const [a, b, cc, d, e, f] = c.affine;
  const det = a * e - b * d;
  const scale = Math.sqrt(Math.abs(det));
  const reach = { top: 0, bottom: 0, left: 0, right: 0 };
  for (const [x, y] of [[0, 0], [c.width, 0], [0, c.height], [c.width, c.height]] as const) {
    const sx = (e * (x - cc) - b * (y - f)) / det;
    const sy = (a * (y - f) - d * (x - cc)) / det;
    reach.left = Math.max(reach.left, -sx * scale);
    reach.right = Math.max(reach.right, (sx - source.width) * scale);
    reach.top = Math.max(reach.top, -sy * scale);
    reach.bottom = Math.max(reach.bottom, (sy - source.height) * scale);
  }
  return (Object.keys(reach) as (keyof typeof reach)[])
    .filter((side) => reach[side] > 0.1)
    .map((side) => ({ side, mm: reach[side] }));
}
