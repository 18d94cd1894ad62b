import { expect, test } from 'vitest';
import { headLine, hint, trouble, type View } from './guide';
import { Problem, type Finding } from './talk';

// A frame of 240 × 320 of a film four times as fine; the guide asks for a head of 150 rows.
const view: View = { width: 240, height: 320, crown: 60, chin: 210, finer: 4, selfie: true };

const of = (rule: string, verdict: Finding['verdict'], value: number | null = null, more: Partial<Finding> = {}): Finding => ({ rule, verdict, value, ...more });

/** A head of this many rows, its middle off to the right by this part of the frame. */
const head = (rows: number, off = 0, crown = 70): Finding => {
  const x = 120 + 240 * off;
  return of('pose.roll', 'pass', 0, { place: { on: 'capture', points: [[x, crown], [x, crown + rows]] } });
};

const fits = [of('head.size', 'pass', 30), of('head.margin', 'pass', 3), of('eyes.distance', 'fail', 36), of('face.pixelation', 'fail', 2.4)];
const short = (rows: number, off: number, crown: number): Finding[] => [
  of('head.size', 'not_assessed'),
  of('head.margin', 'fail', -2, { place: { on: 'capture', points: [[120 + 240 * off, crown], [120 + 240 * off, crown + rows]] } }),
];

test.each<[string, Finding[], string, RegExp]>([
  ['all well', [head(140), ...fits], 'good', /^Good/],
  ['a frame is small, the film is not', [head(140), of('eyes.distance', 'fail', 30), of('face.pixelation', 'fail', 4)], 'good', /^Good/],
  ['far away', [head(60), of('head.size', 'pass', 30), of('eyes.distance', 'fail', 15), of('face.pixelation', 'fail', 6)], 'closer', /about 65 % of the distance/],
  ['a head too large for the photo', short(170, 0, 20), 'further', /about 135 % of the distance/],
  ['a head at the side', short(120, 0.3, 80), 'aside', /Move to your right/],
  ['a head at the top', short(120, 0, 10), 'height', /little higher/],
  ['a head at the bottom', short(120, 0, 190), 'height', /little lower/],
  ['leaning', [head(140), ...fits, of('pose.roll', 'fail', 12)].slice(1), 'roll', /your right, by 12°/],
  ['looking to the right of the picture', [head(140), ...fits, of('pose.yaw', 'warn', 7.4)], 'yaw', /your right, by 7°/],
  ['looking to the left of the picture', [head(140), ...fits, of('pose.yaw', 'warn', -7.4)], 'yaw', /your left, by 7°/],
  ['looking down', [head(140), ...fits, of('pose.pitch', 'fail', 11)], 'pitch', /Raise the chin, by 11°/],
  ['looking up', [head(140), ...fits, of('pose.pitch', 'fail', -11)], 'pitch', /Lower the chin/],
  ['light from the right of the picture', [head(140), ...fits, of('face.shadow', 'warn', 0.5)], 'shadow', /your left/],
  ['light from the left of the picture', [head(140), ...fits, of('face.shadow', 'warn', 2)], 'shadow', /your right/],
  ['looking aside', [head(140), ...fits, of('eyes.gaze', 'fail', 30)], 'eyes.gaze', /into the camera/],
  ['turned and badly lit: the head first', [head(140), ...fits, of('face.shadow', 'fail', 2), of('pose.yaw', 'fail', 20)], 'yaw', /20°/],
  ['nothing to be measured', [], 'good', /^Good/],
])('%s', (_, findings, kind, text) => {
  const said = hint(findings, view);
  expect([said.kind, said.good]).toEqual([kind, kind === 'good']);
  expect(said.text).toMatch(text);
});

test('somebody else holds the camera', () => {
  expect(hint([head(140), ...fits, of('pose.yaw', 'fail', 9)], { ...view, selfie: false }).text).toMatch(/to the left of the picture/);
  expect(hint(short(120, 0.3, 80), { ...view, selfie: false }).text).toMatch(/Turn the camera to the right/);
});

test('the head is where a finding on the capture says it', () => {
  expect(headLine([of('head.size', 'pass', 30, { place: { on: 'output', points: [[1, 2], [3, 4]] } })])).toBeNull();
  expect(headLine([head(100)])).toEqual([[120, 70], [120, 170]]);
});

test('which problems are a word on the picture', () => {
  const of = (type: string) => trouble(new Problem('', '', '', 422, type))?.kind;
  expect(['no-face', 'two-faces', 'busy', 'head-missing'].map(of)).toEqual(['no-face', 'two-faces', undefined, undefined]);
});
