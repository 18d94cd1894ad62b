// Where findings lie, so that they can be drawn on the picture: each that is not in order gets a number, the same on the
// picture and in the list.
import { apply, inverse, type Affine, type Head } from './geometry';
import { sorted } from './rules';
import type { Finding } from './talk';

export interface Spot {
  n: number;
  rule: string;
  verdict: Finding['verdict'];
  /** On the upright capture, in its pixels: a point, a line, or the outline of a region. */
  points: [x: number, y: number][];
  /** Whether it is the photo as a whole: such an outline says nothing, so only the number is drawn. */
  whole: boolean;
  /** Where the number stands. */
  at: [x: number, y: number];
}

/** The spots of an answer. affine takes the capture to the photo, whose size is in its own pixels. */
export function spots(findings: Finding[], affine: Affine, photo: { width: number; height: number }): Spot[] {
  const back = inverse(affine);
  const list: Spot[] = [];
  const badge = Math.hypot(back[0] * photo.width, back[3] * photo.width) * 0.1; // a tenth of the photo's width, on the capture
  for (const f of sorted(findings).judged) {
    if (f.verdict === 'pass' || !f.place || f.place.points.length === 0) continue;
    const points = f.place.on === 'capture' ? f.place.points : f.place.points.map((p) => put(back, p));
    const whole = f.place.on === 'output' && area(f.place.points) > 0.8 * photo.width * photo.height;
    let at = points.reduce((top, p) => (p[1] < top[1] ? p : top));
    if (whole) {
      at = put(back, [photo.width * 0.07, photo.height * 0.07]);
    }
    while (list.some((s) => Math.hypot(s.at[0] - at[0], s.at[1] - at[1]) < badge)) at = [at[0] + badge * 0.5, at[1]]; // beside those that are there
    list.push({ n: list.length + 1, rule: f.rule, verdict: f.verdict, points, whole, at });
  }
  return list;
}

function put(m: Affine, [x, y]: [number, number]): [number, number] {
  const p = apply(m, x, y);
  return [p.x, p.y];
}

function area(p: [number, number][]): number {
  const twice = p.reduce((sum, [x, y], i) => {
    const [u, v] = p[(i + 1) % p.length]!;
    return sum + x * v - u * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** The line from crown to chin that an edge has found or was given, on the capture; null where it says none. */
export function headOf(findings: Finding[], affine: Affine): Head | null {
  for (const rule of ['pose.roll', 'head.size']) {
    const place = findings.find((f) => f.rule === rule)?.place;
    if (place?.points.length !== 2) continue;
    const [crown, chin] = place.points.map(([x, y]) => (place.on === 'capture' ? { x, y } : apply(inverse(affine), x, y)));
    return { crownX: crown!.x, crownY: crown!.y, chinX: chin!.x, chinY: chin!.y };
  }
  return null;
}
