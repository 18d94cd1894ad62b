import { expect, test } from 'vitest';
import catalogue from '../../../../edge/portrait/compliance/catalogue.go?raw';
import { measured, ruleTitle, sorted, source, sources, titles } from './rules';
import type { Finding } from './talk';

test.each<[Partial<Finding>, string, string]>([
  [{ value: 30.24, min: 25, max: 35, unit: 'mm' }, '30.2 mm', '25 to 35 mm'],
  [{ value: 300, min: 300, max: 300, unit: 'dpi' }, '300 dpi', '300 dpi'],
  [{ value: 2.1, min: 2.5, unit: 'mm' }, '2.1 mm', 'at least 2.5 mm'],
  [{ value: 0.4567, max: 0.5 }, '0.46', 'at most 0.5'],
  [{ value: null, min: null, max: null, unit: '' }, '', ''],
  [{ value: -1.5, min: -8, max: 8, unit: 'deg' }, '−1.5°', '−8 to 8°'],
  [{ value: 0.376, max: 1.2, unit: 'times' }, '0.38 ×', 'at most 1.2 ×'],
  [{ value: 17.6, max: 32, unit: '% of the whites of the eyes' }, '17.6', 'at most 32 % of the whites of the eyes'],
  [{ value: 0, max: 0, unit: 'count' }, '', ''],
  [{ value: 0 }, '', ''], // a number without a unit or a limit says nothing
])('%j', (finding, value, limits) => {
  expect(measured({ rule: 'x', verdict: 'pass', ...finding })).toEqual({ value, limits });
});

test('the gravest first, and what nobody judged apart', () => {
  const of = (rule: string, verdict: Finding['verdict']): Finding => ({ rule, verdict });
  const { judged, open } = sorted([of('a', 'pass'), of('b', 'not_assessed'), of('c', 'fail'), of('d', 'warn')]);
  expect(judged.map((f) => f.rule)).toEqual(['c', 'd', 'a']);
  expect(open.map((f) => f.rule)).toEqual(['b']);
});

test('every rule that an edge judges has words, no two the same', () => {
  const rules = [...catalogue.matchAll(/^\t\{"([a-z0-9_.]+)", /gm)].map((m) => m[1]!);
  expect(rules.length).toBeGreaterThan(60);
  expect(Object.keys(titles).sort()).toEqual(rules.sort());
  expect(new Set(Object.values(titles)).size).toBe(rules.length);
});

test('a rule we have no words for keeps its name', () => {
  expect(ruleTitle('head.size')).toBe('Height of the head');
  expect(ruleTitle('new.rule')).toBe('new.rule');
});

test.each([
  ['https://example.org/a (the embassy)', { href: 'https://example.org/a', label: 'the embassy' }],
  ['https://example.org/a', { href: 'https://example.org/a', label: 'example.org' }],
  ['ISO/IEC 19794-5', { href: '', label: 'ISO/IEC 19794-5' }],
  ['javascript:alert(1)', { href: '', label: 'javascript:alert(1)' }],
])('source %j', (text, want) => {
  expect(source(text)).toEqual(want);
});

test('one finding may rest on several sources', () => {
  expect(sources('https://a.example/x (one; the first); https://b.example/y').map((s) => s.label)).toEqual(['one; the first', 'b.example']);
  expect(sources('ours').map((s) => s.label)).toEqual(['our own rule']);
  expect(sources(undefined)).toEqual([]);
});
