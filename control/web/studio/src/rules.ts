// The rules of the findings, in the words of somebody standing before a mirror.
import type { Finding } from './talk';

export const titles: Record<string, string> = {
  route: 'May be handed in as your own file',
  'file.format': 'File type',
  'file.size': 'Size of the file',
  'file.pixels': 'Pixels of the file',
  'file.dpi': 'Resolution tag',
  'file.jpeg_ratio': 'Strength of compression',
  'file.exif': 'No place or serial number in the file',
  'edit.traces': 'No traces of editing',
  'edit.background': 'What was done to the background',
  'head.size': 'Height of the head',
  'head.center': 'Face in the middle',
  'eye.line': 'Height of the eyes',
  'head.margin': 'Room around the head',
  'head.width': 'Width of the head',
  'pose.roll': 'Head upright',
  'pose.yaw': 'Face turned to the camera',
  'pose.pitch': 'Chin neither up nor down',
  'shoulders.level': 'Shoulders level',
  'shoulders.visible': 'Shoulders in the picture',
  'eyes.open': 'Eyes open',
  'eyes.distance': 'Face large enough',
  'eyes.gaze': 'Looking into the camera',
  'eyes.red': 'No red eyes',
  'eyes.contact_lens': 'Natural eye colour',
  'eyes.hair': 'No hair over the eyes',
  'brows.visible': 'Eyebrows visible',
  'glasses.present': 'Glasses',
  'glasses.tint': 'No tinted lenses',
  'glasses.glare': 'No glare on the glasses',
  'glasses.frame': 'Frame clear of the eyes',
  'mouth.closed': 'Mouth closed',
  'mouth.smile': 'Neutral mouth',
  'mouth.teeth': 'No teeth showing',
  expression: 'Neutral expression',
  'ears.visible': 'Ears visible',
  'face.single': 'Nobody else in the picture',
  'face.hair_over': 'No hair over the face',
  'face.veil_mask': 'Nothing over the face',
  'head.hat': 'No hat',
  'face.exposure': 'Neither too dark nor too bright',
  'face.contrast': 'Dark and light in the face',
  'face.lighting': 'Even light on the face',
  'face.shadow': 'No shadow on the face',
  'face.hotspot': 'No bright spots on the skin',
  'face.colour_cast': 'Natural colour',
  'face.is_colour': 'In colour',
  'face.blur': 'Sharp',
  'face.motion_blur': 'Not moved',
  'face.noise': 'Not grainy',
  'face.pixelation': 'Enough pixels',
  'face.posterised': 'Smooth shades',
  'face.distortion': 'Camera far enough away',
  'face.smooth_filter': 'No beauty filter',
  'face.makeup': 'Make-up and marks',
  'bg.uniform': 'Even background',
  'bg.colour': 'Colour of the background',
  'bg.lightness': 'Light background',
  'bg.shadow': 'No shadow on the wall',
  'bg.objects': 'Nothing in the background',
  'bg.contrast': 'Head stands out from the wall',
  'bg.gradient': 'Wall lit evenly',
  'matte.holes': 'Outline without holes',
  'matte.fringe': 'Clean edge of the hair',
  'matte.cut_hair': 'Hair not cut off',
  'matte.ears_clipped': 'Ears not cut off',
  'clothes.match_bg': 'Clothes differ from the wall',
  'clothes.uniform': 'No uniform',
  'photo.age': 'Recent photo',
  'photo.of_photo': 'Not a photo of a photo',
  'photo.mirror': 'Not mirrored',
  'identity.unchanged': 'Face unchanged',
  'child.rules': 'Rules for children',
};

export function ruleTitle(rule: string): string {
  return titles[rule] ?? rule;
}

const order = { fail: 0, warn: 1, pass: 2, not_assessed: 3 } as const;

/** Findings by gravity; those nobody could judge apart, since they are no verdict. */
export function sorted(findings: Finding[]): { judged: Finding[]; open: Finding[] } {
  const judged = findings.filter((f) => f.verdict !== 'not_assessed').sort((a, b) => order[a.verdict] - order[b.verdict]);
  return { judged, open: findings.filter((f) => f.verdict === 'not_assessed') };
}

export function count(findings: Finding[], verdict: Finding['verdict']): number {
  return findings.filter((f) => f.verdict === verdict).length;
}

const number = (x: number) => Number(x.toFixed(Math.abs(x) < 10 ? 2 : 1)).toLocaleString('en').replace('-', '−');

/** Units of the answers, as they are written after a number. */
const units: Record<string, string> = { '': '', deg: '°', times: ' ×', bytes: ' bytes' };

/** What was measured, and what is asked: "30.2 mm" and "25 to 35 mm". */
export function measured(f: Finding): { value: string; limits: string } {
  const has = (x: number | null | undefined): x is number => typeof x === 'number' && Number.isFinite(x);
  if (f.value === 0 && f.max === 0) return { value: '', limits: '' }; // none of something that there must be none of
  const unit = f.unit ? (units[f.unit] ?? ` ${f.unit}`) : '';
  let limits = '';
  if (has(f.min) && has(f.max)) limits = f.min === f.max ? `${number(f.min)}${unit}` : `${number(f.min)} to ${number(f.max)}${unit}`;
  else if (has(f.min)) limits = `at least ${number(f.min)}${unit}`;
  else if (has(f.max)) limits = `at most ${number(f.max)}${unit}`;
  const own = limits && unit.length > 10 ? '' : unit; // a unit of many words is not said twice
  return { value: has(f.value) && (limits || f.unit) ? `${number(f.value)}${own}` : '', limits };
}

/** The sources of a finding, each as a link where it begins with an address; the text after it is a remark. */
export function sources(text: string | undefined): { href: string; label: string }[] {
  return (text ?? '')
    .split(/;\s+(?=https?:)/)
    .filter(Boolean)
    .map(source);
}

/** One source: its address, and the remark after it. */
export function source(text: string): { href: string; label: string } {
  const found = /^(https?:\/\/\S+)\s*(.*)$/.exec(text);
  if (!found) return { href: '', label: text === 'ours' ? 'our own rule' : text };
  const href = found[1]!;
  const label = (found[2] ?? '').replace(/^\((.*)\)$/, '$1');
  return { href, label: label || new URL(href).hostname };
}
