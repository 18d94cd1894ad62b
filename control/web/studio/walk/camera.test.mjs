// The camera: a guide of the document's own size, hints by small frames while one stands before it, a picture that is taken
// without leaving the page, and what is said when there is no camera to be had.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browse, desk, nothing, phone, shot, stored } from './browser.mjs';
import { answer, byHand, check, choose, drag, look, marks, shownHead, studio } from './hand.mjs';
import { face, facts } from './picture.mjs';
import { start } from './programs.mjs';

const video = { width: 720, height: 960, crown: 300, chin: 620 };

let programs;
let folder;
let film;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'studio-walk-film-'));
  film = join(folder, 'person.y4m');
  await writeFile(film, person());
  programs = await start();
});
after(async () => {
  await programs?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** A film of one frame (YUV4MPEG2, 4:2:0): a light wall, a darker head between two known rows, shoulders. */
function person() {
  const { width, height, crown, chin } = video;
  const y = Buffer.alloc(width * height, 200);
  const u = Buffer.alloc((width * height) / 4, 128);
  const v = Buffer.alloc((width * height) / 4, 128);
  const x0 = width / 2;
  for (let row = 0; row < height; row++) {
    for (let x = 0; x < width; x++) {
      const head = ((x - x0) / 120) ** 2 + ((row - (crown + chin) / 2) / ((chin - crown) / 2)) ** 2 <= 1;
      const body = ((x - x0) / 300) ** 2 + ((row - height) / 280) ** 2 <= 1;
      const neck = Math.abs(x - x0) < 60 && row > chin - 50 && row < height;
      if (!head && !body && !neck) continue;
      y[row * width + x] = head || neck ? 150 : 70;
      const c = (row >> 1) * (width / 2) + (x >> 1);
      if (head || neck) {
        u[c] = 118;
        v[c] = 142;
      }
    }
  }
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`), y, u, v]);
}

const filmed = (file) => ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${file}`];

/** A film of one picture, as wide and high as the other. */
async function filmOf(page, photo, name) {
  const { width, height } = video;
  const base64 = await page.evaluate(
    async ({ source, width, height }) => {
      const from = await createImageBitmap(new Blob([Uint8Array.from(atob(source), (c) => c.charCodeAt(0))]));
      const g = new OffscreenCanvas(width, height).getContext('2d');
      g.imageSmoothingQuality = 'high';
      g.drawImage(from, 0, 0, width, height);
      const { data } = g.getImageData(0, 0, width, height);
      let text = '';
      for (let i = 0; i < data.length; i += 0x8000) text += String.fromCharCode(...data.subarray(i, i + 0x8000));
      return btoa(text);
    },
    { source: photo.bytes.toString('base64'), width, height },
  );
  const rgba = Buffer.from(base64, 'base64');
  const y = Buffer.alloc(width * height);
  const u = Buffer.alloc((width * height) / 4);
  const v = Buffer.alloc((width * height) / 4);
  for (let i = 0; i < width * height; i++) {
    const [r, g, b] = [rgba[4 * i], rgba[4 * i + 1], rgba[4 * i + 2]];
    y[i] = Math.round(0.299 * r + 0.587 * g + 0.114 * b);
    const c = ((Math.floor(i / width) >> 1) * width) / 2 + ((i % width) >> 1);
    u[c] = Math.round(Math.min(255, Math.max(0, 128 - 0.169 * r - 0.331 * g + 0.5 * b)));
    v[c] = Math.round(Math.min(255, Math.max(0, 128 + 0.5 * r - 0.419 * g - 0.081 * b)));
  }
  const file = join(folder, name);
  await writeFile(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\nFRAME\n`), y, u, v]));
  return file;
}

/** A film of a face, large enough for the guide or as small as somebody far away. */
async function faceFilm(far) {
  const browser = await browse();
  try {
    const stretch = far ? { left: 800, top: 1400, right: 800, bottom: 1096 } : { left: 106, top: 420, right: 106, bottom: 226 };
    return await filmOf(browser.page, await face(browser.page, 1, stretch), `face-${far}.y4m`);
  } finally {
    await browser.close();
    await browser.forget();
  }
}

const frames = (url) => url.startsWith(`${programs.edge}/v1/checks`);

for (const [name, options] of [['desk', desk], ['phone', { ...phone, viewport: { width: 360, height: 780 } }]]) {
  test(`guidance, ${name}`, async (t) => {
    const browser = await browse(options, filmed(await faceFilm(false)));
    const { page, sent, complaints } = browser;
    t.after(() => browser.forget());
    try {
      let flying = 0;
      let most = 0;
      const count = (r, by) => {
        if (r.method() !== 'POST' || !frames(r.url())) return;
        flying += by;
        most = Math.max(most, flying);
      };
      page.on('request', (r) => count(r, 1));
      page.on('requestfinished', (r) => count(r, -1));
      page.on('requestfailed', (r) => count(r, -1));
      const made = () => sent.filter((r) => r.method === 'POST' && frames(r.url));

      await page.goto(studio(programs));
      await choose(page, 'us passport', 'us-passport');
      await page.getByRole('button', { name: 'Use the camera' }).click();
      const shutter = page.getByRole('button', { name: 'Take the picture' });
      assert.ok(await shutter.isEnabled(), 'the shutter is there from the start');
      await page.locator('.say').waitFor();
      await page.locator('.found').waitFor({ state: 'attached' });
      const said = await page.locator('.say').textContent();
      assert.match(said, /Raise the chin, by \d+°/, 'the most important of what the sample has to correct');
      assert.ok(await shutter.isEnabled(), 'a hint holds nobody back');
      const inView = await page.locator('video').evaluate((v) => {
        const box = v.getBoundingClientRect();
        return box.top >= 0 && box.bottom <= innerHeight;
      });
      assert.ok(inView, 'the camera is in view');
      await look(page, `camera-${name}-guided`);

      const before = made().length;
      const begun = Date.now();
      await page.waitForTimeout(3000);
      const rate = ((made().length - before) * 1000) / (Date.now() - begun);
      assert.ok(rate > 1 && rate < 6, `${rate.toFixed(1)} frames a second`);
      assert.equal(most, 1, 'frames on their way at once');
      const leave = sent.filter((r) => r.method === 'OPTIONS' && frames(r.url)).length;
      assert.ok(leave <= 1, `the leave to send frames was asked for ${leave} times`);
      for (const r of made()) {
        assert.deepEqual(Object.fromEntries(new URL(r.url).searchParams), { document: 'us-passport', mode: 'live' });
        const { width, height } = facts(r.body);
        assert.ok(Math.max(width, height) <= 320, `a frame of ${width} × ${height}`);
      }

      // Nobody looks: nothing is sent.
      const hide = (hidden) => page.evaluate((h) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value: h });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
      await hide(true);
      await page.waitForTimeout(600);
      const quiet = made().length;
      await page.waitForTimeout(1500);
      assert.equal(made().length, quiet, 'frames that were sent unseen');
      await hide(false);
      await page.waitForRequest((r) => frames(r.url()));

      const checked = answer(page, programs.edge);
      await shutter.click();
      assert.equal((await checked).status, 200);
      await page.locator('#findings-title').waitFor();
      const last = made().length;
      await page.waitForTimeout(800);
      assert.equal(made().length, last, 'frames sent after the picture was taken');
      await look(page, `camera-${name}-3-found`);

      // No frame went anywhere else, and none was kept.
      for (const r of sent) {
        if (r.url.startsWith(`${programs.edge}/`) || !/^(http|ws)/.test(r.url)) continue;
        assert.ok(r.url.length < 512 && (r.body?.length ?? 0) < 1024, `${r.method} ${r.url} carries ${r.body?.length} bytes`);
      }
      assert.deepEqual(await stored(page), nothing, 'storage of the page');

      // Another one is taken the same way.
      await page.getByRole('button', { name: 'Another picture' }).click();
      await page.locator('.say').waitFor();
      assert.deepEqual(complaints, [], 'the console');
    } catch (e) {
      await shot(page, `failed-camera-${name}`).catch(() => {});
      e.message += `\n${programs.logs().slice(-2000)}`;
      throw e;
    } finally {
      await browser.close();
    }
  });
}

test('somebody far away is asked to come closer, by how much; an edge that knows no live frames is asked once', async (t) => {
  const browser = await browse(desk, filmed(await faceFilm(true)));
  const { page } = browser;
  t.after(() => browser.forget());
  try {
    await page.goto(studio(programs));
    await choose(page, 'us passport', 'us-passport');
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('.say').filter({ hasText: /^Come closer, to about \d+ % of the distance\.$/ }).waitFor();
    await page.getByRole('status').filter({ hasText: 'Come closer' }).waitFor(); // for who listens
    await page.getByRole('button', { name: 'Back' }).click();

    let asked = 0;
    await page.route(`${programs.edge}/v1/checks?*`, (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      asked++;
      return route.fulfill({
        status: 400,
        headers: { 'content-type': 'application/problem+json', 'access-control-allow-origin': '*' },
        body: JSON.stringify({ type: '/problems/malformed', title: 'The request cannot be read.', status: 400, detail: 'mode is not one that we know.' }),
      });
    });
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.locator('.oval').waitFor();
    await page.waitForTimeout(1500);
    assert.equal(asked, 1, 'times the edge was asked');
    assert.equal(await page.locator('.say').count(), 0, 'hints');
    assert.equal(await page.getByRole('alert').count(), 0, 'alerts');
    assert.ok(await page.getByRole('button', { name: 'Take the picture' }).isEnabled());
  } finally {
    await browser.close();
  }
});

for (const [name, options] of [['desk', desk], ['phone', phone]]) {
  test(`a picture by the camera, ${name}`, async (t) => {
    const browser = await browse(options, filmed(film));
    const { page, complaints } = browser;
    t.after(() => browser.forget());
    try {
      await page.goto(studio(programs));
      await choose(page, 'us passport', 'us-passport');
      await page.getByRole('button', { name: 'Use the camera' }).click();
      const shutter = page.getByRole('button', { name: 'Take the picture' });
      await page.waitForFunction(() => document.querySelector('.oval') !== null);
      await page.locator('.say').filter({ hasText: 'No face seen' }).waitFor();
      await look(page, `camera-${name}-1-guide`);
      await shutter.click();
      await byHand(page);
      assert.equal(await page.evaluate(() => document.querySelector('video')), null, 'the camera is put away');

      // The marks wait where the guide asked the head to be: the US crop's own rows on this picture.
      const first = await marks(page);
      const share = (first.chin.y - first.crown.y) / video.height;
      assert.ok(share > 0.3 && share < 0.7 && first.crown.x === video.width / 2, `the marks begin at ${JSON.stringify(first)}`);

      await drag(page, 'crown', video.width / 2, video.crown);
      await drag(page, 'chin', video.width / 2, video.chin);
      const answer = await check(page, programs.edge);
      assert.equal(answer.photo.width, 600);
      const head = await shownHead(page);
      assert.ok(head >= 25 && head <= 35, `the head is ${head} mm`);
      await look(page, `camera-${name}-2-checked`);
      assert.deepEqual(complaints.filter((c) => !c.includes('422')), [], 'the console, but for the answers that there is no face');
    } catch (e) {
      e.message += `\n${programs.logs().slice(-3000)}`;
      throw e;
    } finally {
      await browser.close();
    }
  });
}

test('no camera: it says why, and the other way is still there', async (t) => {
  const browser = await browse(desk, ['--deny-permission-prompts']);
  const { page } = browser;
  t.after(() => browser.forget());
  try {
    await page.goto(studio(programs));
    await choose(page, 'us passport', 'us-passport');
    await page.getByRole('button', { name: 'Use the camera' }).click();
    await page.getByRole('alert').waitFor();
    assert.match(await page.getByRole('alert').textContent(), /camera is not allowed|No camera was found/i);
    await look(page, 'camera-none');
    await page.getByRole('button', { name: 'Back' }).click();
    await page.locator('#photo-file').waitFor({ state: 'attached' });
  } finally {
    await browser.close();
  }
});
