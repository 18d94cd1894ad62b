// Everything the page says to a server. Control hears which document and which order; only an edge is ever given the
// photo, and this file is where that can be read.
import type { Document } from './documents';
import type { Affine, Head } from './geometry';

/** What went wrong, as a server says it (RFC 9457) or as the page does when there is none to say it. */
export class Problem extends Error {
  constructor(
    readonly title: string,
    readonly detail = '',
    readonly advice = '',
    readonly status = 0,
    readonly type = '',
    readonly page = '',
    /** Seconds after which it may be tried again, where the server says so. */
    readonly wait = 0,
  ) {
    super(title);
  }
}

export interface Finding {
  rule: string;
  verdict: 'pass' | 'warn' | 'fail' | 'not_assessed';
  value?: number | null;
  min?: number | null;
  max?: number | null;
  unit?: string;
  source?: string;
  date?: string;
  advice?: string;
  /** Where it is to be drawn, in pixels of the upright capture or of the finished photo. */
  place?: { on: 'capture' | 'output'; points: [x: number, y: number][] } | null;
}

export interface Output {
  type: string;
  width: number;
  height: number;
  dpi: number;
  affine: Affine;
  data: string;
}

export interface Answer {
  document: string;
  pack: string;
  findings: Finding[];
  photo: Output;
  sheet?: Output;
  /** What the edge vouches for, signed; an older one gives none. */
  receipt?: string;
}

export interface Region {
  id: string;
  name: string;
  edges: { address: string; load?: number }[];
}

export interface Token {
  access_token: string;
  expires_in: number;
  edge: string;
}

export interface Order {
  id: string;
  document: string;
  amount: number;
  currency: string;
  status: string;
  pay_url: string;
  secret: string;
}

/** Asks, and turns whatever is not an answer into a Problem. */
async function ask(who: string, address: string, init: RequestInit = {}): Promise<Response> {
  let res: Response;
  try {
    res = await fetch(address, { cache: 'no-store', referrerPolicy: 'no-referrer', redirect: 'error', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new Problem(`We could not reach ${who}.`, 'The connection failed before an answer came.', 'Check your connection, then try again. Your photo is still here.');
  }
  if (res.ok) return res;
  let said: Record<string, unknown> = {};
  try {
    said = (await res.json()) as Record<string, unknown>;
  } catch {
    // not a problem document: the status has to do
  }
  const text = (key: string) => (typeof said[key] === 'string' ? (said[key] as string) : '');
  const retry = Number(res.headers.get('Retry-After'));
  const wait = retry > 0 ? `Try again in ${retry} ${retry === 1 ? 'second' : 'seconds'}.` : '';
  const type = text('type');
  throw new Problem(
    text('title') || `${who.charAt(0).toUpperCase() + who.slice(1)} answered with an error (${res.status}).`,
    text('detail'),
    text('advice') || wait,
    res.status,
    type.split('/').pop() ?? '',
    type.startsWith('/') ? type : '',
    retry > 0 ? retry : 0,
  );
}

const json = async <T>(res: Promise<Response>) => (await (await res).json()) as T;

const us = 'our own server';

export const regions = () => json<{ regions: Region[] }>(ask(us, '/v1/regions')).then((r) => r.regions ?? []);

export const visitorToken = (region: string) =>
  json<Token>(ask(us, '/v1/studio/tokens', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ region }) }));

export const newOrder = (document: string) =>
  json<Order>(ask(us, '/v1/orders', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ document }) }));

const bearer = (secret: string) => ({ Authorization: `Bearer ${secret}` });

export const orderStatus = (o: Order, signal?: AbortSignal) =>
  json<Order>(ask(us, `/v1/orders/${encodeURIComponent(o.id)}`, { headers: bearer(o.secret), ...(signal ? { signal } : {}) }));

export const orderToken = (o: Order, region: string) =>
  json<Token>(
    ask(us, `/v1/orders/${encodeURIComponent(o.id)}/token`, {
      method: 'POST',
      headers: { ...bearer(o.secret), 'Content-Type': 'application/json' },
      body: JSON.stringify({ region }),
    }),
  );

export interface Pack {
  pack: string;
  documents: Document[];
}

/** The rule pack of an edge. */
export async function documents(edge: string): Promise<Pack> {
  const said = await json<Document[] | { documents: Document[]; pack?: string; version?: string }>(
    ask('the edge', `${edge}/v1/documents`, { credentials: 'omit', cache: 'default' }),
  );
  return Array.isArray(said) ? { pack: '', documents: said } : { pack: said.pack ?? said.version ?? '', documents: said.documents };
}

/** How long an edge takes to say that it is there, in ms; Infinity when it does not. */
export async function distance(edge: string): Promise<number> {
  const begun = performance.now();
  try {
    const res = await fetch(`${edge}/health`, { cache: 'no-store', credentials: 'omit', referrerPolicy: 'no-referrer', signal: AbortSignal.timeout(2000) });
    return res.ok ? performance.now() - begun : Infinity;
  } catch {
    return Infinity;
  }
}

/** What is to be made of a picture. */
export interface Wish {
  document: string;
  /** Null: the edge finds it. */
  head: Head | null;
  /** Only cut: the background stays, whatever the document allows. */
  keep: boolean;
  sheet?: string;
  /** Whether the receipt names the file by its hash; an edge that gives no receipts knows no hash. */
  hash?: boolean;
}

/** The photo goes here and nowhere else: to the edge, with a token. */
function send(edge: string, token: string, path: string, query: URLSearchParams, body: ArrayBuffer, type: string, signal: AbortSignal, cache: RequestCache = 'no-store'): Promise<Response> {
  return ask('the edge', `${edge}${path}?${query}`, {
    method: 'POST',
    credentials: 'omit',
    headers: { ...bearer(token), 'Content-Type': type, Accept: 'application/json' },
    body,
    signal,
    cache,
  });
}

/** The photo and its findings. */
export function photo(edge: string, token: string, bytes: ArrayBuffer, type: string, wish: Wish, signal: AbortSignal): Promise<Answer> {
  const point = (n: number) => String(Math.round(n * 100) / 100);
  const query = new URLSearchParams({ document: wish.document });
  if (wish.head) query.set('head', [wish.head.crownX, wish.head.crownY, wish.head.chinX, wish.head.chinY].map(point).join(','));
  if (wish.keep) query.set('mode', 'crop');
  if (wish.sheet) query.set('sheet', wish.sheet);
  if (wish.hash) query.set('hash', '1');
  return json<Answer>(send(edge, token, '/v1/photos', query, bytes, type, signal));
}

/** The findings alone. */
export const findings = (edge: string, token: string, bytes: ArrayBuffer, type: string, document: string, signal: AbortSignal) =>
  json<{ findings: Finding[] }>(send(edge, token, '/v1/checks', new URLSearchParams({ document }), bytes, type, signal));

/** The findings of one frame of a live picture, judged in haste. Answers to a POST are not kept; with no-store the browser
    would not keep the leave to ask either, and would ask for it before every frame. */
export function glance(edge: string, token: string, frame: ArrayBuffer, document: string, signal: AbortSignal): Promise<{ findings: Finding[] }> {
  return json(send(edge, token, '/v1/checks', new URLSearchParams({ document, mode: 'live' }), frame, 'image/jpeg', signal, 'default'));
}

/** Base64 of an answer as bytes that a blob: link can hold. */
export function blob(o: Output): Blob {
  const text = atob(o.data);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return new Blob([bytes], { type: o.type.includes('/') ? o.type : `image/${o.type}` });
}
