import { describe, expect, test } from 'vitest';
import { headBand, notices, pixels, range, search, size, topOfHead } from './documents';
import { row } from './sample';

const all = [
  row({ id: 'us-passport', country: 'US', document: 'passport (print, DS-11/DS-82)' }),
  row({ id: 'at-passport', country: 'AT' }),
  row({ id: 'gb-visa', country: 'GB', document: 'visa / vignette photo' }),
  row({ id: 'ci-visa', country: 'CI', document: 'visa' }),
  row({ id: 'generic-icao-35x45', country: 'ZZ', document: 'generic ICAO biometric 35x45' }),
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

describe('sizes', () => {
  test('two inches are written as 51 mm', () => {
    const d = row({ width_mm: 51, height_mm: 51 });
    expect(size(d)).toEqual({ width: 50.8, height: 50.8 });
    expect(pixels(d)).toEqual({ width: 600, height: 600 });
  });
  test.each([
    [35, 45, 300, 413, 531],
    [35, 45, 600, 827, 1063],
    [40, 50, 600, 945, 1181],
    [50, 70, 300, 591, 827],
  ])('%i x %i mm at %i dpi', (width_mm, height_mm, dpi, width, height) => {
    expect(pixels(row({ width_mm, height_mm, dpi }))).toEqual({ width, height });
  });
  test('a size in pixels wins', () => {
    expect(pixels(row({ width_px: 500, height_px: 653 }))).toEqual({ width: 500, height: 653 });
  });
  test('a band may be a ratio of the height, or absent', () => {
    expect(headBand(row({ head_height_mm: null, head_height_ratio: { min: 0.7, max: 0.8 } }))).toEqual({ min: 31.499999999999996, max: 36 });
    expect(headBand(row({ head_height_mm: null }))).toBeNull();
  });
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
