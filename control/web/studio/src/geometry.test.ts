import { describe, expect, test } from 'vitest';
import { apply, headOn, missing, solve, tilt, type Crop, type Head } from './geometry';
import { row, rule } from './sample';

const upright: Head = { crownX: 500, crownY: 200, chinX: 500, chinY: 600 };
const us = row({ head_top: 'hair_top' }, { width_mm: 50.8, height_mm: 50.8, head_mm: rule(25, 35), eye_line_from_bottom_mm: rule(28, 35) });

// geometry.md §4.3, worked by hand from the rules: skull head, gap above the hair, gap below the chin, slack (mm).
test.each([
  ['US passport', us, 26.9, 4.4, 18.0, 3.5],
  ['UK print', row({}, { head_mm: rule(29, 34) }), 31.5, 3.5, 8.1, 2.5],
  ['France', row(), 34.0, 3.0, 6.0, 2.0],
  ['Finland', row({}, { width_mm: 36, height_mm: 47, top_margin_mm: rule(4, 6), chin_to_bottom_mm: rule(7, 9) }), 33.9, 3.0, 8.0, 1.0],
  ['Canada passport', row({}, { width_mm: 50, height_mm: 70, head_mm: rule(31, 36) }), 33.5, 11.3, 23.2, 2.5],
])('%s', (_, d, skull, above, below, slack) => {
  const crop = solve(d, upright)!;
  const head = headOn(crop.affine, upright);
  const k = d.head_top === 'hair_top' ? 1.06 : 1;
  expect(head.height / k).toBeCloseTo(skull, 0);
  expect(head.top - (k === 1 ? 0.06 * head.height : 0)).toBeGreaterThan(above - 0.35);
  expect(head.top - (k === 1 ? 0.06 * head.height : 0)).toBeLessThan(above + 0.35);
  expect(crop.height - head.chin).toBeGreaterThan(below - 0.35);
  expect(crop.height - head.chin).toBeLessThan(below + 0.35);
  expect(Math.abs(crop.slack - slack)).toBeLessThan(0.11); // the table takes two inches for 51 mm
});

describe('the same head gives the same photo', () => {
  const want = headOn(solve(us, upright)!.affine, upright);
  test.each([
    ['moved', { crownX: 900, crownY: 350, chinX: 900, chinY: 750 }],
    ['twice as large', { crownX: 500, crownY: 200, chinX: 500, chinY: 1000 }],
    ['leaning right by 8 degrees', { crownX: 500 + 400 * Math.sin(0.13963), crownY: 600 - 400 * Math.cos(0.13963), chinX: 500, chinY: 600 }],
    ['leaning left by 8 degrees', { crownX: 500 - 400 * Math.sin(0.13963), crownY: 600 - 400 * Math.cos(0.13963), chinX: 500, chinY: 600 }],
  ])('%s', (_, head) => {
    const crop = solve(us, head)!;
    const got = headOn(crop.affine, head);
    expect(got.height).toBeCloseTo(want.height, 2);
    expect(got.top).toBeCloseTo(want.top, 2);
    // Upright, and in the middle.
    for (const p of [apply(crop.affine, head.crownX, head.crownY), apply(crop.affine, head.chinX, head.chinY)]) {
      expect(p.x).toBeCloseTo(crop.width / 2, 6);
    }
  });
});

test('the matrix neither mirrors nor stretches', () => {
  const [a, b, , d, e] = solve(us, { crownX: 520, crownY: 190, chinX: 480, chinY: 610 })!.affine;
  expect(a).toBeCloseTo(e, 9);
  expect(b).toBeCloseTo(-d, 9);
  expect(a * e - b * d).toBeGreaterThan(0);
});

test('a head is never given up for another rule', () => {
  // Eyes that cannot be where the row wants them: the head stays in its band all the same.
  const d = row({}, { eye_line_from_bottom_mm: rule(40, 42) });
  const height = headOn(solve(d, upright)!.affine, upright).height;
  expect(height).toBeGreaterThanOrEqual(31.99);
  expect(height).toBeLessThanOrEqual(36.01);
});

describe('in a picture', () => {
  const wide = { width: 1000, height: 1400 };
  test('that has room, the crop is the one of a picture without edges', () => {
    expect(solve(us, upright, { width: 5000, height: 5000 })).toMatchObject({ fits: true, affine: expect.anything() });
    const big = { width: 4000, height: 4000 };
    const head = { crownX: 2000, crownY: 1500, chinX: 2000, chinY: 1900 };
    expect(solve(us, head, big)!.affine).toEqual(solve(us, head)!.affine);
  });
  test('that is short below, the head becomes larger so that nothing is missing', () => {
    const head = { crownX: 500, crownY: 300, chinX: 500, chinY: 900 };
    const crop = solve(us, head, wide)!;
    expect(crop.fits).toBe(true);
    expect(missing(crop, wide)).toEqual([]);
  });
  test('that ends at the chin, no crop fits and the side is told', () => {
    const crop = solve(us, { crownX: 500, crownY: 300, chinX: 500, chinY: 1380 }, wide)!;
    expect(crop.fits).toBe(false);
    expect(missing(crop, wide).map((m) => m.side)).toContain('bottom');
  });
});

test('a head that may not be turned stays as it was taken', () => {
  const leaning = { ...upright, crownX: 540 };
  const crop = solve(row({ alteration_rule: 'prohibited_no_cutout_no_deskew_no_retouch' }), leaning)!;
  expect(crop.affine[1]).toBeCloseTo(0, 12);
  expect(crop.affine[3]).toBeCloseTo(0, 12);
});

test.each([
  ['crown under chin', { crownX: 500, crownY: 600, chinX: 500, chinY: 200 }],
  ['one point', { crownX: 500, crownY: 200, chinX: 500, chinY: 200 }],
  ['side by side', { crownX: 300, crownY: 200, chinX: 700, chinY: 200 }],
])('no crop from marks that make no head: %s', (_, head) => {
  expect(solve(us, head)).toBeNull();
});

test('tilt is positive to the right', () => {
  expect(tilt(upright)).toBe(0);
  expect(tilt({ ...upright, crownX: 540 })).toBeCloseTo(5.71, 2);
});

test('what the picture lacks is told by side', () => {
  const crop: Crop = { affine: [0.1, 0, 0, 0, 0.1, 3], width: 35, height: 45, slack: 1, fits: true };
  expect(missing(crop, { width: 350, height: 400 })).toEqual([{ side: 'top', mm: 3 }, { side: 'bottom', mm: 2 }].map((s) => ({ ...s, mm: expect.closeTo(s.mm, 5) })));
  expect(missing({ ...crop, affine: [0.1, 0, 0, 0, 0.1, 0] }, { width: 350, height: 450 })).toEqual([]);
});
