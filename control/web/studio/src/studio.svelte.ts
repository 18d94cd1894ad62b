// What the page knows, and the steps that change it. Everything lives in the memory of this tab: nothing is written to
// storage, and forget() takes the photo out of it again.
import { mayReplace, type Document } from './documents';
import { solve, type Affine, type Crop, type Head } from './geometry';
import { open, wipe, type Picture } from './picture';
import { headLine } from './guide';
import { headOf, spots, type Spot } from './places';
import * as talk from './talk';
import { Problem, type Finding, type Order } from './talk';

export interface Checked {
  /** The marks that were given by hand; null where the edge found the head. */
  given: Head | null;
  /** Whether the background was to stay. */
  keep: boolean;
  /** The head as the edge says it is. */
  head: Head | null;
  /** Findings that are not in order, on the picture. */
  spots: Spot[];
  /** Whether the edge vouches for its photos by receipts. */
  receipts: boolean;
  document: string;
  pack: string;
  findings: Finding[];
  /** The marked preview that the edge made, as a blob: link. */
  preview: string;
  /** Upright picture to millimetres on the photo, from the edge's own matrix. */
  affine: Affine;
  width: number;
  height: number;
}

export interface Download {
  name: string;
  title: string;
  facts: string;
  href: string;
  kind: 'photo' | 'sheet' | 'proof';
}

export type Paper = '' | '10x15' | 'a4';

/** Statuses in which an order may be turned into a photo. */
const paid = ['authorised', 'delivered', 'captured'];

const said = (e: unknown): Problem =>
  e instanceof Problem ? e : new Problem('Something went wrong in this page.', e instanceof Error ? e.message : String(e), 'Reload the page and try again.');

export class Studio {
  documents = $state.raw<Document[]>([]);
  pack = $state('');
  document = $state.raw<Document | null>(null);
  picture = $state.raw<Picture | null>(null);
  /** The marks: what was found, until a person moves them. */
  head = $state.raw<Head | null>(null);
  byHand = $state(false);
  adjusting = $state(false);
  /** The edge in use finds no heads: a person marks every one. */
  handOnly = $state(false);
  /** Only cut, and keep the background as it was taken. */
  keep = $state(false);
  checked = $state.raw<Checked | null>(null);
  order = $state.raw<Order | null>(null);
  paid = $state(false);
  downloads = $state.raw<Download[]>([]);
  paper = $state<Paper>('10x15');
  understood = $state(false);
  busy = $state<'' | 'start' | 'open' | 'check' | 'order' | 'render'>('');
  problem = $state.raw<Problem | null>(null);
  /** Where the problem is shown: the step that met it. */
  where = $state<'' | 'start' | 'photo' | 'check' | 'file'>('');
  /** Read out by screen readers. */
  announcement = $state('');
  deleted = $state(false);
  region = $state.raw<talk.Region | null>(null);
  edge = $state('');

  /** Whether what the edge said still fits what is asked. */
  fresh = $derived(
    this.checked !== null &&
      this.checked.document === this.document?.id &&
      this.checked.keep === this.#keeps &&
      (this.checked.given === null ? !this.byHand : this.byHand && this.head !== null && same(this.checked.given, this.head)),
  );
  /** The crop: the edge's own, or while the marks move the same rules worked out here. */
  crop = $derived.by<Crop | null>(() => {
    const { checked, document, head } = this;
    if (!document) return null;
    if (checked && this.fresh) return { affine: checked.affine, width: checked.width, height: checked.height, slack: 0, fits: true };
    return head && this.byHand ? solve(document, head, this.picture ?? undefined) : null;
  });

  #guess: Head | null = null;
  /** The top of the head that the marks by hand count. */
  #top = '';
  #token: { value: string; until: number } | null = null;
  #running: AbortController | null = null;
  #polling: AbortController | null = null;
  #links: string[] = [];

  /** Finds the nearest edge and its documents. */
  async start(wanted: string) {
    await this.#step('start', 'start', async () => {
      await this.#locate();
      const pack = await talk.documents(this.edge);
      this.pack = pack.pack;
      this.documents = pack.documents;
      if (wanted) this.choose(pack.documents.find((d) => d.id === wanted) ?? null);
    });
  }

  /** Picks the edge to work with; not the one that has just failed, if there is another. */
  async #locate(failed = '') {
    const near = await nearest(await talk.regions(), failed);
    if (!near) throw new Problem('No edge is online right now.', 'Photos are worked on by an edge near you, and none has reported in.', 'Wait a moment, then try again.');
    this.region = near.region;
    this.edge = near.edge;
    this.handOnly = false;
  }

  /** Whether the background is to stay where the document would let it be replaced. */
  get #keeps() {
    return this.keep && this.document !== null && mayReplace(this.document);
  }

  choose(d: Document | null) {
    this.document = d;
    this.#clear();
    if (d && this.byHand && d.head_top !== this.#top) {
      // The marks are of another top of the head: they are found anew, or have to be set anew.
      this.#top = d.head_top;
      if (this.handOnly) this.adjusting = true;
      else this.byHand = false;
    }
    if (d && !this.byHand) {
      this.adjusting = false;
      this.head = this.checked?.document === d.id && this.checked.given === null ? this.checked.head : null;
    }
    this.understood = false;
    this.#dropOrder();
    if (d) this.announcement = `${d.document} chosen.`;
  }

  /** Opens a picture. where is a guess of the head, for the case that a person has to mark it. */
  async take(file: Blob, where?: Head) {
    await this.#step('open', 'photo', async () => {
      const picture = await open(file);
      this.forget();
      this.deleted = false;
      this.picture = picture;
      this.#guess = where ?? firstGuess(picture);
      this.announcement = `Picture opened, ${picture.width} by ${picture.height} pixels.`;
      if (this.handOnly) this.markByHand();
    });
  }

  mark(head: Head) {
    this.head = head;
    this.byHand = true;
    this.#top = this.document?.head_top ?? '';
  }

  /** Shows the marks: on the head that was found, or where one may be. */
  adjust() {
    this.head ??= this.checked?.head ?? this.#guess;
    this.adjusting = true;
  }

  /** Has a person mark a head that no edge has found. */
  markByHand() {
    this.#clear();
    this.adjust();
    this.mark(this.head!);
  }

  /** Lets the edge find the head again. */
  async findAgain() {
    this.byHand = false;
    this.adjusting = false;
    this.head = this.checked?.given === null ? this.checked.head : null;
    if (!this.fresh) await this.check();
  }

  /** Sends the photo to the edge and takes its findings and the marked preview. */
  async check() {
    const { document, picture } = this;
    const given = this.byHand ? this.head : null;
    const keep = this.#keeps;
    if (!document || !picture) return;
    this.#running?.abort();
    const running = (this.#running = new AbortController());
    await this.#step('check', 'check', async () => {
      let answer: talk.Answer;
      try {
        answer = await this.#withToken((token) => talk.photo(this.edge, token, picture.bytes, picture.type, { document: document.id, head: given, keep }, running.signal));
      } catch (e) {
        if (!(e instanceof Problem) || given) throw e;
        if (e.type === 'cannot-fit') await this.#locateHead(document.id, picture, running.signal); // so that it is seen what is short
        if (!headless(e)) throw e;
        this.handOnly = true; // an edge without the nets, or an older one
        this.markByHand();
        this.announcement = 'This edge does not find heads by itself: set the two marks.';
        return;
      }
      if (running.signal.aborted) return;
      this.#dropPreview();
      const { photo } = answer;
      // The photo is as wide in mm as its document says; the edge's matrix is in its pixels.
      const width = document.effective.file_width_mm;
      const factor = width / photo.width;
      const found = headOf(answer.findings, photo.affine);
      this.checked = {
        given,
        keep,
        head: given ?? found,
        spots: spots(answer.findings, photo.affine, photo),
        receipts: answer.receipt !== undefined,
        document: document.id,
        pack: answer.pack,
        findings: answer.findings,
        preview: this.#link(talk.blob(photo)),
        affine: photo.affine.map((v) => v * factor) as Affine,
        width,
        height: photo.height * factor,
      };
      if (!given) this.head = found;
      this.adjusting = false;
      const bad = answer.findings.filter((f) => f.verdict === 'fail').length;
      this.announcement = bad === 0 ? 'Checked. Nothing fails.' : `Checked. ${bad} ${bad === 1 ? 'rule fails' : 'rules fail'}.`;
    });
  }

  /** Where the head is on a picture that no photo can be cut from; it does without where that cannot be said either. */
  async #locateHead(document: string, picture: Picture, signal: AbortSignal) {
    try {
      const { findings } = await this.#withToken((token) => talk.findings(this.edge, token, picture.bytes, picture.type, document, signal));
      const line = headLine(findings);
      if (line && !signal.aborted && !this.byHand) this.head = { crownX: line[0][0], crownY: line[0][1], chinX: line[1][0], chinY: line[1][1] };
    } catch {
      // what is wrong with the picture has been said
    }
  }

  /** Asks the edge about one frame of the camera's picture. */
  async glance(frame: ArrayBuffer, signal: AbortSignal): Promise<Finding[]> {
    const { document } = this;
    if (!document) return [];
    return (await this.#withToken((token) => talk.glance(this.edge, token, frame, document.id, signal))).findings;
  }

  /** Opens an order; the pay page then shows inside this one, so that the tab and its photo stay. */
  async buy() {
    const { document } = this;
    if (!document) return;
    await this.#step('order', 'file', async () => {
      this.order = await talk.newOrder(document.id);
      this.paid = paid.includes(this.order.status);
      this.announcement = 'The pay page is open.';
    });
    if (this.order && !this.paid) void this.#wait(this.order);
  }

  /** Lets go of an order that is not paid; it ends by itself. */
  cancel() {
    if (!this.paid) this.#dropOrder();
  }

  /** Asks for the order until the provider's word has reached our server. */
  async #wait(order: Order) {
    const polling = (this.#polling = new AbortController());
    while (!polling.signal.aborted) {
      await pause(1200, polling.signal);
      if (polling.signal.aborted) return;
      try {
        const now = await talk.orderStatus(order, polling.signal);
        if (polling.signal.aborted) return;
        if (paid.includes(now.status)) {
          this.paid = true;
          this.announcement = 'Paid. Your photo is being made.';
          await this.render();
          return;
        }
        if (['expired', 'refunded', 'disputed', 'failed', 'cancelled'].includes(now.status)) {
          this.#dropOrder();
          this.#say('file', new Problem('The payment did not go through.', `The order is ${now.status}.`, 'Nothing was charged. You can try again.'));
          return;
        }
      } catch (e) {
        if (polling.signal.aborted) return;
        const p = said(e);
        if (p.status >= 400 && p.status < 500 && p.status !== 429) return this.#say('file', p);
        // otherwise the network blinked: ask again
      }
    }
  }

  /** Has the full-size file made, without the mark, for an order that is paid. */
  async render() {
    const { document, picture, checked, order, region } = this;
    if (!document || !picture || !checked || !order || !region) return;
    const running = (this.#running = new AbortController());
    await this.#step('render', 'file', async () => {
      const token = await talk.orderToken(order, region.id);
      const answer = await talk.photo(
        this.edge,
        token.access_token,
        picture.bytes,
        picture.type,
        // What was seen and judged is what is made.
        { document: document.id, head: checked.given, keep: checked.keep, sheet: this.paper, hash: checked.receipts },
        running.signal,
      );
      if (running.signal.aborted) return;
      const files: Download[] = [this.#file(answer.photo, document.id, 'Photo', 'photo')];
      if (answer.sheet) files.push(this.#file(answer.sheet, `${document.id}-sheet-${this.paper}`, `Print sheet, ${paperName(this.paper)}`, 'sheet'));
      if (answer.receipt) files.push(this.#proof(answer, document.id));
      this.downloads = files;
      this.announcement = 'Your photo is ready to download.';
    });
  }

  #file(o: talk.Output, name: string, title: string, kind: Download['kind']): Download {
    const blob = talk.blob(o);
    const ending = (blob.type.split('/')[1] ?? 'jpeg').replace('jpeg', 'jpg');
    return {
      name: `${name}.${ending}`,
      title,
      facts: `${o.width} × ${o.height} px, ${Math.round(o.dpi)} dpi, ${ending.toUpperCase()}, ${Math.max(1, Math.round(blob.size / 1000))} kB`,
      href: this.#link(blob),
      kind,
    };
  }

  /** The receipt with what it vouches for, as `edge verify` reads it; the pictures stay out of it. */
  #proof(answer: talk.Answer, name: string): Download {
    const { document, pack, receipt } = answer;
    const findings = answer.findings.map(({ rule, verdict }) => ({ rule, verdict }));
    const blob = new Blob([JSON.stringify({ document, pack, findings, receipt }, null, 1)], { type: 'application/json' });
    return { name: `${name}-proof.json`, title: 'Proof of what was checked', facts: 'JSON, verify offline', href: this.#link(blob), kind: 'proof' };
  }

  /** Takes the photo and all that came of it out of this page. */
  forget() {
    this.#running?.abort();
    this.#dropOrder();
    for (const link of this.#links) URL.revokeObjectURL(link);
    this.#links = [];
    this.checked = null;
    if (this.picture) wipe(this.picture);
    this.picture = null;
    this.head = null;
    this.byHand = false;
    this.adjusting = false;
    this.busy = '';
    this.#clear();
  }

  deleteNow() {
    this.forget();
    this.#token = null;
    this.deleted = true;
    this.announcement = 'Deleted. The photo is out of this page, and the edge kept nothing of it.';
  }

  /** Whether leaving now would lose something that was paid for or is being paid. */
  get atRisk() {
    return this.order !== null && this.downloads.length === 0;
  }

  #dropOrder() {
    this.#polling?.abort();
    this.order = null;
    this.paid = false;
    for (const d of this.downloads) this.#unlink(d.href);
    this.downloads = [];
  }

  #dropPreview() {
    if (this.checked) this.#unlink(this.checked.preview);
    this.checked = null;
  }

  #link(blob: Blob): string {
    const link = URL.createObjectURL(blob);
    this.#links.push(link);
    return link;
  }

  #unlink(link: string) {
    URL.revokeObjectURL(link);
    this.#links = this.#links.filter((l) => l !== link);
  }

  /** A token lives a quarter of an hour; one is asked for when it is needed, and once more when an edge refuses it. */
  async #withToken<T>(use: (token: string) => Promise<T>): Promise<T> {
    const fetchToken = async () => {
      const token = await talk.visitorToken(this.region!.id);
      this.#token = { value: token.access_token, until: Date.now() + (token.expires_in - 30) * 1000 };
      return token.access_token;
    };
    const had = this.#token && Date.now() < this.#token.until ? this.#token.value : '';
    try {
      return await use(had || (await fetchToken()));
    } catch (e) {
      if (e instanceof Problem && e.status === 0) {
        // The next try goes to another edge of the directory, with a token of its region.
        await this.#locate(this.edge).catch(() => {});
        this.#token = null;
      }
      if (!(e instanceof Problem) || e.status !== 401 || !had) throw e;
      return use(await fetchToken());
    }
  }

  async #step(busy: Studio['busy'], where: Studio['where'], work: () => Promise<void>) {
    this.#clear();
    this.busy = busy;
    try {
      await work();
    } catch (e) {
      if (!(e instanceof DOMException && e.name === 'AbortError')) this.#say(where, said(e));
    } finally {
      if (this.busy === busy) this.busy = '';
    }
  }

  #say(where: Studio['where'], p: Problem) {
    this.problem = p;
    this.where = where;
  }

  #clear() {
    this.problem = null;
    this.where = '';
  }
}

/** Of the few edges with the least to do, the one that answers first. */
async function nearest(regions: talk.Region[], failed: string): Promise<{ region: talk.Region; edge: string } | undefined> {
  const all = regions.flatMap((region) =>
    [...region.edges]
      .sort((a, b) => (a.load ?? 0) - (b.load ?? 0))
      .slice(0, 2)
      .map((e) => ({ region, edge: e.address.replace(/\/+$/, '') })),
  );
  const others = all.filter((a) => a.edge !== failed);
  const some = (others.length > 0 ? others : all).slice(0, 4);
  if (some.length < 2) return some[0];
  const timed = await Promise.all(some.map(async (a) => ({ ...a, ms: await talk.distance(a.edge) })));
  return timed.sort((a, b) => a.ms - b.ms)[0];
}

/** Where heads are on most pictures; the person moves the marks from there. */
function firstGuess(p: Picture): Head {
  const x = p.width / 2;
  return { crownX: x, crownY: p.height * 0.18, chinX: x, chinY: p.height * 0.64 };
}

/** Whether an edge says by this that it finds no heads; the oldest take the lack of one for a fault of the request. */
function headless(p: Problem): boolean {
  return p.type === 'head-missing' || (p.status === 400 && /\bhead\b/.test(p.detail));
}

function same(a: Head, b: Head): boolean {
  return a.crownX === b.crownX && a.crownY === b.crownY && a.chinX === b.chinX && a.chinY === b.chinY;
}

export function paperName(p: Paper): string {
  return p === 'a4' ? 'A4' : p === '10x15' ? '10 × 15 cm' : 'none';
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      done();
    });
  });
}

export function money(minor: number, currency: string): string {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}
