import { expect, test } from 'vitest';
import { apply, corners, inverse, type Affine } from './geometry';
import { headOf, spots } from './places';
import type { Finding } from './talk';

// A photo of 600 × 600 pixels, half as large as the capture and turned a little.
const affine: Affine = [0.5, 0.02, -100, -0.02, 0.5, -50];
const photo = { width: 600, height: 600 };
const finding = (rule: string, verdict: Finding['verdict'], on: 'capture' | 'output', points: [number, number][]): Finding => ({ rule, verdict, place: { on, points } });

test('a matrix and its inverse end where they began', () => {
  const there = apply(affine, 321, 654);
  const back = apply(inverse(affine), there.x, there.y);
  expect(back.x).toBeCloseTo(321, 9);
  expect(back.y).toBeCloseTo(654, 9);
});

test('the corners of the photo lie where the matrix takes them from', () => {
  for (const [i, [x, y]] of corners({ affine, width: 600, height: 600, slack: 0, fits: true }).entries()) {
    const p = apply(affine, x, y);
    expect([Math.round(p.x), Math.round(p.y)]).toEqual([[0, 0], [600, 0], [600, 600], [0, 600]][i]);
  }
});

test('numbers by gravity, and none for what is in order or nowhere', () => {
  const list = spots(
    [
      finding('a', 'warn', 'capture', [[500, 500]]),
      finding('b', 'pass', 'capture', [[500, 500]]),
      finding('c', 'fail', 'output', [[300, 300], [310, 300]]),
      { rule: 'd', verdict: 'fail', place: null },
      { rule: 'e', verdict: 'fail' },
    ],
    affine,
    photo,
  );
  expect(list.map((s) => [s.n, s.rule])).toEqual([[1, 'c'], [2, 'a']]);
  const made = apply(affine, ...list[0]!.points[0]!);
  expect([made.x, made.y].map((v) => Math.round(v * 1e6) / 1e6)).toEqual([300, 300]);
});

test('an outline of all of the photo is not drawn, and numbers do not cover one another', () => {
  const all: [number, number][] = [[0, 0], [600, 0], [600, 600], [0, 600]];
  const list = spots([finding('bg.colour', 'fail', 'output', all), finding('bg.uniform', 'fail', 'output', all), finding('face.blur', 'fail', 'capture', [[300, 200], [400, 300], [200, 300]])], affine, photo);
  expect(list.map((s) => s.whole)).toEqual([true, true, false]);
  expect(Math.hypot(list[0]!.at[0] - list[1]!.at[0], list[0]!.at[1] - list[1]!.at[1])).toBeGreaterThan(100);
});

test('the head that was found, from the capture or back from the photo', () => {
  const capture = finding('pose.roll', 'pass', 'capture', [[500, 200], [510, 700]]);
  expect(headOf([capture], affine)).toEqual({ crownX: 500, crownY: 200, chinX: 510, chinY: 700 });
  const crown = apply(affine, 500, 200);
  const chin = apply(affine, 510, 700);
  const found = headOf([finding('head.size', 'pass', 'output', [[crown.x, crown.y], [chin.x, chin.y]])], affine)!;
  expect([found.crownX, found.crownY, found.chinX, found.chinY].map((v) => Math.round(v))).toEqual([500, 200, 510, 700]);
  expect(headOf([], affine)).toBeNull();
});
