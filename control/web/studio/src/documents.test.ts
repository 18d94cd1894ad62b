import { describe, expect, test } from 'vitest';
import { headBand, mayReplace, notices, printSize, range, search, topOfHead } from './documents';
import { row, rule } from './sample';

const all = [
  row({ id: 'us-passport', country: 'US', country_name: 'United States', document: 'passport (print, DS-11/DS-82)' }),
  row({ id: 'at-passport', country: 'AT', country_name: 'Austria' }),
  row({ id: 'gb-visa', country: 'GB', country_name: 'United Kingdom', document: 'visa / vignette photo' }),
  row({ id: 'ci-visa', country: 'CI', country_name: 'Côte d’Ivoire', document: 'visa' }),
  row({ id: 'generic-icao-35x45', country: 'ZZ', country_name: 'Any country', document: 'generic ICAO biometric 35x45' }),
];

test.each([
  ['us passport', ['us-passport']], // and not Austria, which holds the letters
  ['USA', ['us-passport']],
  ['united kingdom visa', ['gb-visa']],
  ['UK', ['gb-visa']],
  ["cote d", ['ci-visa']],
  ['icao', ['generic-icao-35x45']],
  ['visa', ['gb-visa', 'ci-visa']],
  ['atlantis', []],
  ['', all.map((d) => d.id)],
])('search for %j', (query, want) => {
  expect(search(all, query).map((d) => d.id)).toEqual(want);
});

test('the size as people say it', () => {
  expect(printSize(row())).toBe('35 × 45 mm');
  expect(printSize(row({}, { width_mm: 50.8, height_mm: 50.8 }))).toBe('2 × 2 in');
});

test('a default is not a rule', () => {
  expect(headBand(row({}, { head_mm: rule(32, 36) }))).toMatchObject({ min: 32, max: 36 });
  expect(headBand(row({}, { head_mm: rule(31.5, 36, true) }))).toBeNull();
});

describe('what a person should know first', () => {
  test.each([
    [{}, []],
    [{ submission: 'authority_captures_only' }, ['stop']],
    [{ submission: 'certified_provider_only', alteration_rule: 'prohibited_via_certified_chain', background_replacement: 'prohibited' }, ['stop', 'care', 'care']],
    [{ alteration_rule: 'prohibited_explicit_incl_ai_and_filters', background_replacement: 'prohibited' }, ['care', 'care']],
    [{ submission: 'print_at_counter', background_replacement: 'risky' }, ['care', 'note']],
    [{ confidence: 'low' as const }, ['note']],
  ])('%j', (over, want) => {
    expect(notices(row(over)).map((n) => n.level)).toEqual(want);
  });
  test('straightening is named where it is barred', () => {
    expect(notices(row({ alteration_rule: 'prohibited_no_cutout_no_deskew_no_retouch' }))[0]?.title).toContain('straightening');
  });
  test.each([
    ['pass', {}, 'pass', 'You can file this photo yourself'],
    ['fail', { submission: 'professional_or_approved_booth' }, 'stop', 'Only a photographer or an approved booth'],
    ['warn', { submission: 'print_at_counter' }, 'care', 'The office wants a print'],
    ['fail', { submission: 'a_way_that_is_new' }, 'stop', 'Do not file this photo'],
    ['warn', { submission: 'a_way_that_is_new' }, 'care', 'Ask before you file it'],
  ] as const)('a route that is a %s, %j', (verdict, over, level, title) => {
    const advice = 'As the edge says it.';
    const [first] = notices(row(over, { route: { verdict, advice, may: [], may_not: [] } }));
    expect(first).toEqual({ level, title, text: advice });
  });
  test.each([
    ['allowed', true],
    ['unknown', true],
    ['risky', false],
    ['prohibited', false],
  ])('a background whose replacement is %s', (background_replacement, may) => {
    expect(mayReplace(row({ background_replacement }))).toBe(may);
  });
  test('the top that counts', () => {
    expect(topOfHead(row({ head_top: 'hair_top' })).name).toBe('Top of the hair');
    expect(topOfHead(row({ head_top: 'skull_crown' })).name).toBe('Top of the skull');
  });
});

test.each([
  [{ min: 25, max: 35 }, '25 to 35 mm'],
  [{ min: 5, max: 5 }, '5 mm'],
  [{ min: 2, max: null }, 'at least 2 mm'],
  [{ min: null, max: 10.25 }, 'at most 10.3 mm'],
])('range of %j', (band, want) => {
  expect(range(band, 'mm')).toBe(want);
});
