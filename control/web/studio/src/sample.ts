// A document for the tests: the 35 x 45 mm passport that most countries ask for, with what a test changes of it.
import type { Document } from './documents';

export function row(over: Partial<Document>): Document {
  return {
    id: 'xx-passport', country: 'XX', document: 'passport', width_mm: 35, height_mm: 45, dpi: 300, width_px: null, height_px: null, px_range: null,
    head_height_mm: { min: 32, max: 36 }, head_height_ratio: null, head_top: 'skull_crown', eye_line_from_bottom_mm: null, eye_line_from_bottom_ratio: null,
    top_margin_mm: null, top_margin_ratio: null, background: [{ name: 'white', hex: '#FFFFFF' }], file_formats: [], file_size_kb: null,
    glasses: 'not_found', head_covering: 'not_found', other: [], alteration_rule: 'not_found', background_replacement: 'unknown',
    submission: 'self_print_or_upload', source: [], source_dates: [], confidence: 'high', checked: '2026-11-23', ...over,
  };
}
