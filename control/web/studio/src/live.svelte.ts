// Guidance while the camera runs: small frames to an edge, one at a time, and the hint that comes back. Any trouble with
// it leaves the camera as it is: guidance is a help and never a gate.
import { headLine, hint, trouble, type Hint, type Line, type View } from './guide';
import { Problem, type Finding } from './talk';

const side = 320; // px, the longer one of a frame
const pace = 200; // ms from frame to frame
const steady = 2; // frames that must agree before another hint is shown
const aloud = 2500; // ms between two hints that are read out

export interface Target {
  /** The film's size and the guide's rows on it, in its pixels. */
  width: number;
  height: number;
  crown: number;
  chin: number;
  selfie: boolean;
}

export class Live {
  hint = $state.raw<Hint | null>(null);
  /** The head in the last frame, as parts of the frame's width and height. */
  head = $state.raw<Line | null>(null);
  /** The hint as it is read out: no more often than one can listen. */
  spoken = $state('');

  #stop = new AbortController();
  #canvas = document.createElement('canvas');
  #next: Hint | null = null;
  #agreed = 0;
  #said = 0;

  constructor(
    private video: () => HTMLVideoElement | undefined,
    private target: () => Target | null,
    private glance: (frame: ArrayBuffer, signal: AbortSignal) => Promise<Finding[]>,
  ) {}

  /** Looks until stopped, or until an edge turns out not to know live frames. */
  async run() {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const begun = performance.now();
      let wait = pace;
      const target = this.target();
      const video = this.video();
      if (document.hidden) {
        this.#clear();
        await event(document, 'visibilitychange', signal);
        continue;
      }
      const frame = target && video ? await this.#frame(video, target) : null;
      if (frame && target && !signal.aborted) {
        try {
          const findings = await this.glance(frame.bytes, signal);
          if (signal.aborted) break;
          this.head = scaled(headLine(findings), frame.view);
          this.#show(hint(findings, frame.view));
        } catch (e) {
          if (signal.aborted) break;
          const p = e instanceof Problem ? e : null;
          const said = p && trouble(p);
          this.head = null;
          if (said) this.#show(said);
          else {
            this.#clear();
            // An edge without nets, or one that knows no live frames, will not know them in a second either.
            if (p && (p.type === 'head-missing' || [400, 401, 403, 404, 405].includes(p.status))) break;
            wait = Math.max(2000, 1000 * (p?.wait ?? 0));
          }
        }
      }
      if (frame) new Uint8Array(frame.bytes).fill(0);
      await pause(Math.max(20, wait - (performance.now() - begun)), signal);
    }
    this.#clear();
    this.#canvas.width = this.#canvas.height = 0; // the last frame
  }

  stop() {
    this.#stop.abort();
  }

  async #frame(video: HTMLVideoElement, t: Target): Promise<{ bytes: ArrayBuffer; view: View } | null> {
    const k = Math.min(1, side / Math.max(t.width, t.height));
    const [width, height] = [Math.round(t.width * k), Math.round(t.height * k)];
    if (this.#canvas.width !== width || this.#canvas.height !== height) [this.#canvas.width, this.#canvas.height] = [width, height];
    this.#canvas.getContext('2d')!.drawImage(video, 0, 0, width, height); // not mirrored: as the lens sees it
    const blob = await new Promise<Blob | null>((done) => this.#canvas.toBlob(done, 'image/jpeg', 0.8));
    return blob && { bytes: await blob.arrayBuffer(), view: { width, height, crown: t.crown * k, chin: t.chin * k, finer: 1 / k, selfie: t.selfie } };
  }

  /** A hint shows when it has come twice, so that it does not flicker between two. */
  #show(h: Hint) {
    this.#agreed = this.#next?.kind === h.kind ? this.#agreed + 1 : 1;
    this.#next = h;
    if (this.hint && this.#agreed < steady) return;
    this.hint = h;
    const now = performance.now();
    if (now - this.#said < aloud || this.spoken === h.text) return;
    this.spoken = h.text;
    this.#said = now;
  }

  #clear() {
    this.hint = this.#next = this.head = null;
    this.spoken = '';
  }
}

function scaled(line: Line | null, v: View): Line | null {
  return line && (line.map(([x, y]) => [x / v.width, y / v.height]) as Line);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), done()), { once: true });
  });
}

function event(on: EventTarget, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    on.addEventListener(name, () => done(), { once: true, signal });
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
