// A document for the tests: the 35 x 45 mm passport that most countries ask for, with what a test changes of it.
import type { Document, Rule } from './documents';

export function row(over: Partial<Document> = {}, effective: Partial<Document['effective']> = {}): Document {
  return {
    id: 'xx-passport', country: 'XX', country_name: 'Nowhere', document: 'passport', dpi: 300, head_top: 'skull_crown',
    background: [{ name: 'white', hex: '#FFFFFF' }], file_size_kb: null, glasses: 'not_found', head_covering: 'not_found', other: [],
    alteration_rule: 'not_found', background_replacement: 'unknown', submission: 'self_print_or_upload', source: [], confidence: 'high',
    checked: '2026-11-23',
    ...over,
    effective: {
      width_mm: 35, height_mm: 45, file_width_mm: effective.width_mm ?? 35, width_px: 413, height_px: 531, head_mm: rule(32, 36),
      eye_line_from_bottom_mm: null, top_margin_mm: null, chin_to_bottom_mm: null,
      ...effective,
    },
  };
}

export function rule(min: number | null, max: number | null, byDefault = false): Rule {
  return { min, max, default: byDefault };
}
