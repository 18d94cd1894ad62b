// The camera: a guide of the document's own size, a picture that is taken without leaving the page, and what is said when
// there is no camera to be had.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { browse, desk, phone } from './browser.mjs';
import { check, choose, drag, look, marks, shownHead, studio } from './hand.mjs';
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

for (const [name, options] of [['desk', desk], ['phone', phone]]) {
  test(`a picture by the camera, ${name}`, async (t) => {
    const browser = await browse(options, ['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream', `--use-file-for-fake-video-capture=${film}`]);
    const { page, complaints } = browser;
    t.after(() => browser.forget());
    try {
      await page.goto(studio(programs));
      await choose(page, 'us passport', 'us-passport');
      await page.getByRole('button', { name: 'Use the camera' }).click();
      const shutter = page.getByRole('button', { name: 'Take the picture' });
      await page.waitForFunction(() => document.querySelector('.oval') !== null);
      await look(page, `camera-${name}-1-guide`);
      await shutter.click();
      await page.locator('#mark-crown').waitFor();
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
      assert.deepEqual(complaints, [], 'the console');
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
