// What an edge says of a document (a row of its rule pack), and how the page says it to a person.

export interface Band {
  min: number | null;
  max: number | null;
}

export interface Route {
  verdict: 'pass' | 'warn' | 'fail';
  /** One sentence: how it is filed, and what may be edited. */
  advice: string;
  may: string[];
  may_not: string[];
}

/** A rule in millimetres of the photo; Default where the authority publishes none and the edge aims at something. */
export interface Rule extends Band {
  default: boolean;
  why?: string;
}

export interface Document {
  id: string;
  country: string;
  country_name: string;
  document: string;
  dpi: number;
  head_top: 'hair_top' | 'skull_crown' | 'unspecified';
  background: { name: string; hex: string }[];
  file_size_kb: Band | null;
  glasses: string;
  head_covering: string;
  other: string[];
  alteration_rule: string;
  background_replacement: string;
  submission: string;
  source: string[];
  confidence: 'high' | 'medium' | 'low';
  checked: string;
  /** How far the face may be from the middle, where the authority says so. */
  center_offset_max_mm?: number;
  /** The row resolved by the edge: exact sizes, rules in millimetres, defaults filled in. */
  effective: {
    width_mm: number;
    height_mm: number;
    /** The frame of the file at the print's height: some uploads have another shape than the print. */
    file_width_mm: number;
    width_px: number;
    height_px: number;
    head_mm: Rule;
    eye_line_from_bottom_mm: Rule | null;
    top_margin_mm: Rule | null;
    chin_to_bottom_mm: Rule | null;
    /** Whether a photo made at home can be filed, and what may be done to it; an older edge does not say. */
    route?: Route;
    contradiction?: string;
  };
}

/** The size of the print as people say it. */
export function printSize(d: Document): string {
  const { width_mm, height_mm } = d.effective;
  return width_mm === 50.8 && height_mm === 50.8 ? '2 × 2 in' : `${width_mm} × ${height_mm} mm`;
}

/** What the head must measure, chin to top; null where no authority says so. */
export function headBand(d: Document): Band | null {
  return d.effective.head_mm.default ? null : d.effective.head_mm;
}

/** The row's own words, as a title. */
export function title(d: Document): string {
  return d.document.charAt(0).toUpperCase() + d.document.slice(1);
}

/** Other words people type for a country. */
const aliases: Record<string, string> = {
  US: 'usa america united states',
  GB: 'uk britain england scotland wales',
  AE: 'uae emirates dubai',
  NL: 'holland',
  CZ: 'czech republic',
  TR: 'turkey turkiye',
  KR: 'korea',
  CN: 'prc',
  EU: 'europe eu',
  ZZ: 'generic international icao',
};

// "café" and "cafe" are one word to somebody who types.
const plain = (s: string) => s.toLowerCase().normalize('NFKD').replace(/\p{Diacritic}/gu, '');

/** Rows in which every word typed begins a word, or failing that stands anywhere; a fitting country comes first. */
export function search(all: Document[], query: string): Document[] {
  const words = plain(query).split(/[\s,]+/).filter(Boolean);
  if (words.length === 0) return all;
  const texts = all.map((d) => {
    const name = plain(d.country_name);
    return { d, name, tokens: plain(`${name} ${d.country} ${aliases[d.country] ?? ''} ${d.document} ${d.id} ${d.id.replaceAll('-', ' ')}`).split(/[\s/(),;]+/) };
  });
  const fits = (match: (token: string, word: string) => boolean) => texts.filter((t) => words.every((w) => t.tokens.some((token) => match(token, w))));
  let found = fits((token, word) => token.startsWith(word));
  if (found.length === 0) found = fits((token, word) => token.includes(word));
  const rank = (t: { d: Document; name: string }) => (t.d.country.toLowerCase() === words[0] || t.name.startsWith(words[0]!) ? 0 : 1);
  return found.sort((x, y) => rank(x) - rank(y)).map((t) => t.d);
}

/** What most people come for; shown before anything is typed. */
export const popular = ['us-passport', 'gb-passport-digital', 'schengen-visa-generic', 'in-visa', 'ca-passport', 'generic-cv-square'];

export interface Notice {
  level: 'stop' | 'care' | 'note' | 'pass';
  title: string;
  text: string;
}

const routes: Record<string, Notice> = {
  authority_captures_only: {
    level: 'stop',
    title: 'The office takes this photo itself',
    text: 'Your own file will not be accepted: you are photographed at the appointment. A photo made here is for practice or for other uses.',
  },
  authority_captures_mostly: {
    level: 'stop',
    title: 'Most offices take this photo themselves',
    text: 'You are usually photographed at the appointment. Ask your office whether it takes a photo of yours before you pay for one.',
  },
  certified_provider_only: {
    level: 'stop',
    title: 'Only certified providers may send this photo',
    text: 'The file has to come to the office through a certified chain, or be taken there. A file you make yourself is refused, however good it is.',
  },
  professional_only: {
    level: 'stop',
    title: 'A professional has to take this photo',
    text: 'The authority wants a photographer to take it. A photo you make yourself may be refused.',
  },
  professional_or_approved_booth: {
    level: 'stop',
    title: 'Only a photographer or an approved booth',
    text: 'The authority takes photos from professionals and approved booths, often with a code of theirs. A file you make yourself is refused.',
  },
  professional_studio_with_stamp: {
    level: 'stop',
    title: "A studio's stamp is required",
    text: 'The back of the print must carry the name and address of a commercial studio and the date. We cannot give you that stamp.',
  },
  print_at_counter: {
    level: 'care',
    title: 'The office wants a print',
    text: 'Bring a print on photo paper to the counter; a file alone does not help. Add a print sheet below.',
  },
};

const edits: [RegExp, Notice][] = [
  [
    /deskew/,
    {
      level: 'care',
      title: 'No cut-out, no straightening, no retouching',
      text: 'Even levelling the head is barred: hold head and camera straight when you take the picture.',
    },
  ],
  [
    /ai_and_filters|filters/,
    {
      level: 'care',
      title: 'No editing: filters and AI tools are barred',
      text: 'Switch off portrait and beauty modes before you take the picture. We crop and scale it and change nothing else.',
    },
  ],
  [
    /red_eye/,
    { level: 'care', title: 'Red eyes may not be retouched', text: 'Use daylight or a lamp beside you instead of flash.' },
  ],
  [
    /marks_may_not/,
    { level: 'care', title: 'Marks on the skin must stay', text: 'Moles, scars and freckles may not be edited out. We leave your face as it is.' },
  ],
  [
    /technical_retouch/,
    { level: 'note', title: 'Only technical corrections are allowed', text: 'We crop and scale the picture; your face stays as photographed.' },
  ],
  [
    /^no_retouch|retouch$/,
    { level: 'care', title: 'Retouching is barred', text: 'Your face must look as photographed. We crop and scale the picture and change nothing else.' },
  ],
  [
    /^prohibited/,
    {
      level: 'care',
      title: 'The photo may not be edited',
      text: 'The authority wants it as it was taken. We crop and scale it and change nothing else.',
    },
  ],
];

const filed = {
  pass: { level: 'pass', title: 'You can file this photo yourself' },
  warn: { level: 'care', title: 'Ask before you file it' },
  fail: { level: 'stop', title: 'Do not file this photo' },
} as const;

/** Whether the photo can be filed, in the edge's words where it has any. */
function filing(d: Document): Notice | undefined {
  const ours = routes[d.submission];
  const { route } = d.effective;
  if (!route) return ours;
  const { level, title } = ours ?? filed[route.verdict];
  return { level, title, text: route.advice };
}

/** Whether an edge may put another background behind the person without being asked for one. */
export function mayReplace(d: Document): boolean {
  return d.background_replacement === 'unknown' || d.background_replacement === 'allowed';
}

/** What a person should know before taking a picture for this document, the gravest first. */
export function notices(d: Document): Notice[] {
  const list: Notice[] = [];
  const first = filing(d);
  if (first) list.push(first);
  const edit = edits.find(([pattern]) => pattern.test(d.alteration_rule));
  if (edit) list.push(edit[1]);
  const wall = d.background[0] ? `plain ${d.background.map((b) => b.name).join(' or ')}` : 'plain, light';
  if (d.background_replacement === 'prohibited') {
    list.push({
      level: 'care',
      title: 'The background may not be replaced',
      text: `Stand before a ${wall} wall, a good step away from it so that no shadow falls on it.`,
    });
  } else if (d.background_replacement === 'risky') {
    list.push({
      level: 'note',
      title: 'Replacing the background is risky',
      text: `A general rule against editing exists, so we keep the wall you stand before. It should be ${wall}.`,
    });
  }
  if (d.confidence === 'low') {
    list.push({
      level: 'note',
      title: 'These numbers are not confirmed',
      text: 'We have them from second hand. Compare them with the page of your authority before you send the photo.',
    });
  }
  return list;
}

/** Which top of the head the row counts, in the words beside the upper mark. */
export function topOfHead(d: Document): { name: string; help: string } {
  switch (d.head_top) {
    case 'hair_top':
      return { name: 'Top of the hair', help: 'This document measures from the highest hair to the chin.' };
    case 'skull_crown':
      return {
        name: 'Top of the skull',
        help: 'This document measures the head without hair. Put the line where the skull ends: a little below the top of the hair.',
      };
    default:
      return {
        name: 'Top of the skull',
        help: 'The authority does not say which top counts. Put the line where the skull ends, a little below the top of the hair; room is left for both readings where it can be.',
      };
  }
}

export function range(b: Band, unit: string, digits = 1): string {
  const n = (x: number) => Number(x.toFixed(digits)).toString();
  if (b.min !== null && b.max !== null) return b.min === b.max ? `${n(b.min)} ${unit}` : `${n(b.min)} to ${n(b.max)} ${unit}`;
  if (b.min !== null) return `at least ${n(b.min)} ${unit}`;
  if (b.max !== null) return `at most ${n(b.max)} ${unit}`;
  return '';
}

const words: Record<string, string> = {
  not_allowed: 'Not allowed',
  allowed_if_no_glare_and_eyes_visible: 'Allowed without glare, eyes fully visible',
  no_dark_lenses: 'No dark lenses',
  allowed_thin_frame_no_tint: 'Thin frames without tint',
  wear_if_usual: 'Wear them if you always do',
  must_wear_if_usual_or_none: 'Wear them if you always do',
  required_if_usually_worn: 'Required if you always wear them',
  wear_if_usual_no_dark: 'Wear them if you always do, no dark lenses',
  prescription_only: 'Prescription glasses only',
  frame_must_not_cross_eyes: 'The frame must not cross the eyes',
  no_tint_no_thick_frame: 'No tint, no thick frame',
  clear_lenses_only_if_usual: 'Clear lenses, if you always wear them',
  remove_recommended: 'Better taken off',
  religious_or_medical_only: 'Only for religion or health, face free',
  religious_only: 'Only for religion, face free',
  uncovered_exceptions_by_office: 'Not allowed; offices make exceptions',
  face_oval_visible: 'Allowed if the oval of the face is free',
  medical_only: 'Only for health',
  national_dress_or_religious: 'National dress or religion',
  religious_or_racial_custom: 'Religion or custom',
  religion_medical_culture: 'Religion, health or culture',
};

/** A word of the pack as a phrase; nothing where the source was silent. */
export function phrase(word: string): string {
  return words[word] ?? '';
}
