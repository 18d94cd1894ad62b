// A fresh browser, and what it is asked to swear to: everything it sent, nothing it kept, and that the page can be used
// by everyone.
import { createRequire } from 'node:module';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const shots = process.env.WALK_SHOTS ?? join(tmpdir(), 'studio-walk-shots');

/** Sizes that every step is looked at in. */
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
export const desk = { viewport: { width: 1280, height: 860 } };

/** A browser with a profile of its own, on disk so that the disk can be searched afterwards. */
export async function browse(options = desk, flags = []) {
  const profile = await mkdtemp(join(tmpdir(), 'studio-walk-profile-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', ...flags],
    reducedMotion: 'reduce',
    acceptDownloads: true,
    ...options,
  });
  context.setDefaultTimeout(20_000);
  const page = context.pages()[0] ?? (await context.newPage());
  const sent = [];
  const complaints = [];
  context.on('request', (r) => sent.push({ url: r.url(), method: r.method(), headers: r.headers(), body: r.postDataBuffer(), frame: r.frame()?.url() ?? '' }));
  const listen = (p) => {
    p.on('console', (m) => {
      if (m.type() === 'error') complaints.push(m.text());
    });
    p.on('pageerror', (e) => complaints.push(String(e)));
    p.on('websocket', (w) => sent.push({ url: w.url(), method: 'WEBSOCKET', headers: {}, body: null, frame: '' }));
  };
  listen(page);
  context.on('page', listen);
  return {
    context,
    page,
    sent,
    complaints,
    profile,
    close: async () => {
      await context.close();
    },
    forget: () => rm(profile, { recursive: true, force: true }),
  };
}

export async function shot(page, name) {
  await mkdir(shots, { recursive: true });
  await page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });
}

/** Judges the page as it stands by axe; a violation that is serious or worse fails. */
export async function accessible(page, name) {
  // Playwright's evaluate is not bound by the page's policy, and adds no element to it.
  await page.evaluate(`${axeSource}; undefined`);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const bad = violations
    .filter((v) => v.impact === 'serious' || v.impact === 'critical')
    .map((v) => `${v.id} (${v.impact}): ${v.help}\n  ${v.nodes.map((n) => `${n.target} ${n.failureSummary ?? ''}`).join('\n  ')}`);
  assert.deepEqual(bad, [], `${name}: not usable by everyone`);
}

/** What the page has put into any storage of the browser; all of it must be empty. */
export async function stored(page) {
  return page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    const files = [];
    for await (const name of root.keys()) files.push(name);
    return {
      local: Object.keys(localStorage),
      session: Object.keys(sessionStorage),
      databases: (await indexedDB.databases()).map((d) => d.name),
      caches: await caches.keys(),
      workers: (await navigator.serviceWorker.getRegistrations()).length,
      files,
      cookies: document.cookie,
    };
  });
}

export const nothing = { local: [], session: [], databases: [], caches: [], workers: 0, files: [], cookies: '' };

/** Files below a folder that hold any of the needles. */
export async function holding(folder, needles) {
  const found = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    if (needles.some((n) => bytes.includes(n))) found.push(path);
  }
  return found;
}
