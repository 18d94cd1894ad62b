// The crop of a document photo, worked out in the browser while the marks move. It is the edge's own solver
// (edge/portrait: crop.go, solver.go), rule for rule, so that what is seen while dragging is what is made; what the edge
// answers is what counts. Every rule is linear in two unknowns, how high the head becomes and how far down the chin lies,
// and the best crop is the one whose smallest distance to any limit is largest (facts/geometry §4).
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
  /** The smallest distance to a limit, in mm. */
  slack: number;
  /** Whether the picture holds all of the photo, or may be extended where it does not. */
  fits: boolean;
}

export interface Size {
  width: number;
  height: number;
}

export function apply(m: Affine, x: number, y: number): { x: number; y: number } {
  return { x: m[0] * x + m[1] * y + m[2], y: m[3] * x + m[4] * y + m[5] };
}

export function inverse([a, b, c, d, e, f]: Affine): Affine {
  const det = a * e - b * d;
  return [e / det, -b / det, (b * f - e * c) / det, -d / det, a / det, (d * c - a * f) / det];
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

/** Whether the head may be turned upright; one text forbids it by name. */
export function mayStraighten(d: Document): boolean {
  return !d.alteration_rule.includes('no_deskew');
}

// Eyes at half of the skull's height, hair rising 6 % of it above the skull (geometry §4.3).
const eyesAt = 0.5;
const hairUp = 0.06;
const hairRoom = 1; // mm above the hair
const neckRoom = 2; // mm below the chin
const leastHead = 16; // px
const mostTilt = 45; // degrees

/** a·head + b·chin + k ≥ 0; a counted one takes part in the slack. */
interface Half {
  a: number;
  b: number;
  k: number;
  counted: boolean;
  head: boolean;
}

interface Point {
  head: number;
  chin: number;
}

const at = (r: Half, p: Point) => r.a * p.head + r.b * p.chin + r.k;

/** The part of a convex polygon where a rule holds (Sutherland and Hodgman). */
function cut(p: Point[], r: Half, need: number): Point[] {
  const kept: Point[] = [];
  p.forEach((from, i) => {
    const to = p[(i + 1) % p.length]!;
    const f = at(r, from) - need;
    const t = at(r, to) - need;
    if (f >= 0) kept.push(from);
    if (f >= 0 !== t >= 0) {
      const u = f / (f - t);
      kept.push({ head: from.head + u * (to.head - from.head), chin: from.chin + u * (to.chin - from.chin) });
    }
  });
  return kept;
}

function region(rules: Half[], frame: number, slack: number, headSlack: number): Point[] {
  let p: Point[] = [
    { head: 0.01 * frame, chin: -frame },
    { head: 2 * frame, chin: -frame },
    { head: 2 * frame, chin: 2 * frame },
    { head: 0.01 * frame, chin: 2 * frame },
  ];
  for (const r of rules) {
    p = cut(p, r, !r.counted ? 0 : r.head ? Math.max(slack, headSlack) : slack);
    if (p.length === 0) break;
  }
  return p;
}

const exact = 1e-7;
const yields = 0.02;
const comfort = 0.5;

/** The largest value below high for which holds() is true. */
function largest(low: number, high: number, holds: (v: number) => boolean): number {
  while (high - low > exact) {
    const mid = (low + high) / 2;
    if (holds(mid)) low = mid;
    else high = mid;
  }
  return low;
}

function best(rules: Half[], frame: number): { at: Point; slack: number } | null {
  if (region(rules, frame, 0, 0).length === 0) return null;
  const slack = largest(0, frame, (v) => region(rules, frame, v, 0).length > 0);
  return { at: settle(rules, frame, slack), slack };
}

/** Among crops of the largest slack: the head's height off its limits; then, a hair's breadth given away, 4 : 7 of free space. */
function settle(rules: Half[], frame: number, slack: number): Point {
  const roomy = slack + comfort;
  const holds = (v: number) => region(rules, frame, slack, v).length > 0;
  const headSlack = holds(roomy) ? roomy : largest(slack, roomy, holds);
  const open = region(rules, frame, Math.max(slack - yields, 0), headSlack);
  const composed: Half = { a: -7, b: 11, k: -4 * frame, counted: false, head: false };
  let sum: Point = { head: 0, chin: 0 };
  let n = 0;
  let nearest = Infinity;
  const consider = (p: Point) => {
    const d = Math.abs(at(composed, p));
    if (d < nearest - exact) {
      sum = p;
      n = 1;
      nearest = d;
    } else if (d <= nearest + exact) {
      sum = { head: sum.head + p.head, chin: sum.chin + p.chin };
      n++;
    }
  };
  open.forEach((from, i) => {
    const to = open[(i + 1) % open.length]!;
    consider(from);
    const f = at(composed, from);
    const t = at(composed, to);
    if (f * t < 0) {
      const u = f / (f - t);
      consider({ head: from.head + u * (to.head - from.head), chin: from.chin + u * (to.chin - from.chin) });
    }
  });
  return { head: sum.head / n, chin: sum.chin / n };
}

/** One way of reading a row and of giving way; the head's height never does. */
interface Attempt {
  head: number[];
  top: number[];
  hair: 'clear' | 'in' | 'free';
  given: ('chin' | 'top' | 'eye')[];
}

function attempts(d: Document): Attempt[] {
  const one = [1];
  const either = [1, 1 + hairUp];
  const list: Attempt[] = [];
  if (d.head_top === 'unspecified') list.push({ head: either, top: either, hair: 'clear', given: [] }, { head: either, top: one, hair: 'clear', given: [] });
  for (const [hair, ...given] of [['clear'], ['in'], ['free'], ['free', 'chin'], ['free', 'chin', 'top'], ['free', 'chin', 'top', 'eye']] as const) {
    list.push({ head: one, top: one, hair, given: [...given] });
  }
  return list;
}

const givenUp = (a: Attempt) => a.given.length + (a.hair === 'free' ? 1 : 0);

function rulesOf(a: Attempt, d: Document): Half[] {
  const e = d.effective;
  const h = e.height_mm;
  const skull = d.head_top === 'hair_top' ? 1 / (1 + hairUp) : 1;
  const hair = skull * (1 + hairUp);
  const rules: Half[] = [];
  const band = (va: number, vb: number, vk: number, b: Band, head = false) => {
    if (b.min !== null) rules.push({ a: va, b: vb, k: vk - b.min, counted: true, head });
    if (b.max !== null) rules.push({ a: -va, b: -vb, k: b.max - vk, counted: true, head });
  };
  for (const r of a.head) band(r, 0, 0, e.head_mm, true);
  if (e.eye_line_from_bottom_mm && !a.given.includes('eye')) band(eyesAt * skull, -1, h, e.eye_line_from_bottom_mm);
  if (e.top_margin_mm && !a.given.includes('top')) for (const r of a.top) band(-r, 1, 0, e.top_margin_mm);
  if (!a.given.includes('chin')) {
    if (e.chin_to_bottom_mm) band(0, -1, h, e.chin_to_bottom_mm);
    band(0, -1, h, { min: neckRoom, max: null });
  }
  if (a.hair === 'clear') band(-hair, 1, 0, { min: hairRoom, max: null });
  if (a.hair === 'in') rules.push({ a: -hair, b: 1, k: 0, counted: false, head: false });
  return rules;
}

/** The head as the crop sees it: straightened, or as taken where that is forbidden. */
interface Pose {
  ref: [number, number];
  right: [number, number];
  down: [number, number];
  length: number;
}

function poseOf(h: Head, d: Document): Pose {
  if (!mayStraighten(d)) return { ref: [(h.chinX + h.crownX) / 2, h.chinY], right: [1, 0], down: [0, 1], length: h.chinY - h.crownY };
  const length = headLength(h);
  const down: [number, number] = [(h.chinX - h.crownX) / length, (h.chinY - h.crownY) / length];
  return { ref: [h.chinX, h.chinY], right: [down[1], -down[0]], down, length };
}

type Side = 'left' | 'top' | 'right' | 'bottom';

/** Rules that keep the corners of the photo in the picture, but for the sides that are free. */
function inside(p: Pose, w: number, h: number, picture: Size, off: number, free: Side[]): Half[] {
  const even = 0.05; // px: an edge met is not an edge crossed
  const edges: [Side, 0 | 1, number, number][] = [
    ['left', 0, 1, -even],
    ['top', 1, 1, -even],
    ['right', 0, -1, picture.width + even],
    ['bottom', 1, -1, picture.height + even],
  ];
  const rules: Half[] = [];
  for (const [side, axis, sign, boundary] of edges) {
    if (free.includes(side)) continue;
    for (const x of [0, w]) {
      for (const y of [0, h]) {
        rules.push({
          a: (sign * (p.ref[axis] - boundary)) / p.length,
          b: -sign * p.down[axis],
          k: sign * ((x - w / 2 - off) * p.right[axis] + y * p.down[axis]),
          counted: false,
          head: false,
        });
      }
    }
  }
  return rules;
}

/** The crop for a head in a picture, or null while the marks do not make a head. Without a picture, whatever its edges. */
export function solve(d: Document, h: Head, picture?: Size): Crop | null {
  if (!(headLength(h) >= leastHead) || Math.abs(tilt(h)) > mostTilt) return null;
  const { file_width_mm: width, height_mm: height } = d.effective;
  const pose = poseOf(h, d);
  if (pose.length < leastHead) return null;
  const list = attempts(d);
  const solved = (extra: Half[], most = Infinity) => {
    for (const a of list) {
      if (givenUp(a) > most) return null;
      const found = best([...rulesOf(a, d), ...extra], height);
      if (found) return { ...found, given: givenUp(a) };
    }
    return null;
  };
  const crop = (found: { at: Point; slack: number }, off: number, fits: boolean): Crop => {
    const k = found.at.head / pose.length;
    const [a, b] = [k * pose.right[0], k * pose.right[1]];
    const [dd, e] = [k * pose.down[0], k * pose.down[1]];
    const [x, y] = pose.ref;
    return { affine: [a, b, width / 2 + off - a * x - b * y, dd, e, found.at.chin - dd * x - e * y], width, height, slack: found.slack, fits };
  };
  const anywhere = solved([]) ?? { at: { head: d.effective.head_mm.min ?? 0.75 * height, chin: height }, slack: 0, given: 4 };
  if (!picture) return crop(anywhere, 0, true);

  // Inside the picture, with the face out of the middle as far as the row allows if need be.
  const most = d.center_offset_max_mm || 0.05 * width;
  const steps = 10;
  for (let i = 0; i <= 2 * steps; i++) {
    const off = ((most * 0.9 * Math.floor((i + 1) / 2)) / steps) * (i % 2 === 1 ? -1 : 1);
    const found = solved(inside(pose, width, height, picture, off, []), anywhere.given);
    if (found) return crop(found, off, true);
  }
  const silent = ['not_found', 'none'].includes(d.alteration_rule) && ['unknown', 'allowed'].includes(d.background_replacement);
  if (silent) {
    const found = solved(inside(pose, width, height, picture, 0, ['left', 'top', 'right']), anywhere.given);
    if (found) return crop(found, 0, true);
  }
  return crop(anywhere, 0, false); // shown all the same, with what is missing
}

/** What the head measures on a finished photo, in mm. */
export function headOn(m: Affine, h: Head): { height: number; top: number; chin: number } {
  const top = apply(m, h.crownX, h.crownY);
  const chin = apply(m, h.chinX, h.chinY);
  return { height: Math.hypot(chin.x - top.x, chin.y - top.y), top: top.y, chin: chin.y };
}

/** How far the crop reaches beyond the picture, in mm on the photo; nothing where it fits. */
export function missing(c: Crop, picture: Size): { side: Side; mm: number }[] {
  const [a, b, cc, d, e, f] = c.affine;
  const det = a * e - b * d;
  const scale = Math.sqrt(Math.abs(det));
  const reach: Record<Side, number> = { top: 0, bottom: 0, left: 0, right: 0 };
  for (const [x, y] of [[0, 0], [c.width, 0], [0, c.height], [c.width, c.height]] as const) {
    const sx = (e * (x - cc) - b * (y - f)) / det;
    const sy = (a * (y - f) - d * (x - cc)) / det;
    reach.left = Math.max(reach.left, -sx * scale);
    reach.right = Math.max(reach.right, (sx - picture.width) * scale);
    reach.top = Math.max(reach.top, -sy * scale);
    reach.bottom = Math.max(reach.bottom, (sy - picture.height) * scale);
  }
  return (Object.keys(reach) as Side[]).filter((side) => reach[side] > 0.1).map((side) => ({ side, mm: reach[side] }));
}

/** The corners of the photo on the picture, clockwise from the upper left. */
export function corners(c: Crop): [x: number, y: number][] {
  const m = inverse(c.affine);
  return ([[0, 0], [c.width, 0], [c.width, c.height], [0, c.height]] as const).map(([x, y]) => {
    const p = apply(m, x, y);
    return [p.x, p.y];
  });
}
