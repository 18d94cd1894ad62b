// The one thing to say to somebody before a camera: what an edge found in a frame, as the hint that matters most. Frames
// are small, so limits that count pixels are taken at the size of the picture that will be made of the film.
import type { Finding, Problem } from './talk';

/** A head by two points, as findings give it: crown first. */
export type Line = [crown: [x: number, y: number], chin: [x: number, y: number]];

export interface Hint {
  /** What it is about; the same kind twice is the same hint with another number. */
  kind: string;
  text: string;
  good: boolean;
}

export interface View {
  /** Pixels of the frame that was judged. */
  width: number;
  height: number;
  /** Where the guide asks the head to be, in pixels of the frame. */
  crown: number;
  chin: number;
  /** Pixels of the film per pixel of the frame. */
  finer: number;
  /** Whether the person looks at the screen; else somebody else holds the camera. */
  selfie: boolean;
}

/** Where the head is on the capture, from whichever finding says it. */
export function headLine(findings: Finding[]): Line | null {
  for (const rule of ['pose.roll', 'head.size', 'head.margin']) {
    const place = findings.find((f) => f.rule === rule)?.place;
    if (place?.on === 'capture' && place.points.length === 2) return place.points as Line;
  }
  return null;
}

const fewEyes = 90; // px from eye to eye, as the edge asks
const mostMagnified = 1.2; // times, as the edge allows
const percent = (x: number) => `${Math.round((x * 100) / 5) * 5} %`;

/** Left and right as the person who is told takes them. */
function side(right: boolean, v: View): string {
  if (v.selfie) return right ? 'your left' : 'your right'; // who looks into a lens has the picture's right on the left
  return right ? 'the right of the picture' : 'the left of the picture';
}

/** What to say when an edge answers a frame with a problem; null where that is no word on the picture. */
export function trouble(p: Problem): Hint | null {
  if (p.type === 'no-face') return { kind: 'no-face', text: 'No face seen: look into the camera, with light on your face.', good: false };
  if (p.type === 'two-faces') return { kind: 'two-faces', text: 'More than one face: only one person may be in the picture.', good: false };
  return null;
}

/** The most important hint of a frame. */
export function hint(findings: Finding[], v: View): Hint {
  const of = (rule: string) => findings.find((f) => f.rule === rule);
  const amiss = (rule: string) => {
    const f = of(rule);
    return f && (f.verdict === 'warn' || f.verdict === 'fail') ? f : undefined;
  };
  const say = (kind: string, text: string): Hint => ({ kind, text, good: false });
  const degrees = (f: Finding) => `${Math.round(Math.abs(f.value ?? 0))}°`;

  const head = headLine(findings);
  const lacking = of('head.size')?.verdict === 'not_assessed' && of('head.margin')?.verdict === 'fail';
  if (head) {
    const [[cx, cy], [hx, hy]] = head;
    const size = Math.hypot(hx - cx, hy - cy) / (v.chin - v.crown);
    const off = (cx + hx) / 2 / v.width - 0.5;
    if (lacking && size > 0.9) return say('further', `Move back, to about ${percent(Math.max(1.1, size / 0.85))} of the distance.`);
    if (lacking && Math.abs(off) > 0.1) {
      return say('aside', v.selfie ? `Move to ${side(off < 0, v)}: the picture ends beside your head.` : `Turn the camera to the ${off > 0 ? 'right' : 'left'}: the picture ends beside the head.`);
    }
    if (lacking) return say('height', cy < v.crown ? 'Hold the camera a little higher: the picture ends above the head.' : 'Hold the camera a little lower: the picture ends under the shoulders.');
    const eyes = of('eyes.distance')?.value;
    const magnified = of('face.pixelation')?.value;
    const need = Math.min(1, eyes ? (eyes * v.finer) / fewEyes : 1, magnified ? (mostMagnified * v.finer) / magnified : 1, size / 0.6);
    if (need < 0.95 && size < 0.9) return say('closer', `Come closer, to about ${percent(Math.max(need, size))} of the distance.`);
  }

  const roll = amiss('pose.roll');
  if (roll?.value) return say('roll', `Tilt the head back to ${side(roll.value < 0, v)}, by ${degrees(roll)}.`);
  const yaw = amiss('pose.yaw');
  if (yaw?.value) return say('yaw', `Turn the face to ${side(yaw.value < 0, v)}, by ${degrees(yaw)}.`);
  const pitch = amiss('pose.pitch');
  if (pitch?.value) return say('pitch', `${pitch.value > 0 ? 'Raise' : 'Lower'} the chin, by ${degrees(pitch)}.`);
  if (amiss('face.exposure')) return say('light', of('face.exposure')!.unit === '% of the face' ? 'Too bright: turn the lamp away from your face.' : 'Too dark: face a window or a lamp.');
  const shadow = amiss('face.shadow');
  if (shadow?.value) return say('shadow', `The light comes from the side: turn towards it, to ${side(shadow.value < 1, v)}.`);
  for (const [rule, text] of plain) if (amiss(rule)) return say(rule, text);
  return { kind: 'good', text: 'Good. Keep still and take the picture.', good: true };
}

const plain: [string, string][] = [
  ['eyes.open', 'Open both eyes.'],
  ['eyes.gaze', 'Look into the camera.'],
  ['mouth.closed', 'Close the mouth.'],
  ['mouth.smile', 'Relax the mouth: no smile.'],
  ['glasses.present', 'Take off the glasses: this document does not want them.'],
  ['head.hat', 'Take off the hat.'],
];
