// The walk as most people have it: choose, take or upload, and the findings are there at once, drawn on the picture; nobody
// marks anything. The head's place was seen by eye, and what the edge vouches for is verified by its own program.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { after, before, test } from 'node:test';
import { browse, desk, holding, nothing, phone, shot, stored } from './browser.mjs';
import { answer, choose, download, look, pay, studio, upload } from './hand.mjs';
import { difference, face, facts, person, traces } from './picture.mjs';
import { start } from './programs.mjs';

let programs;
before(async () => {
  programs = await start();
});
after(async () => {
  await programs?.stop();
});

const small = { ...phone, viewport: { width: 360, height: 780 } };

for (const [name, options, orientation] of [
  ['desk', desk, 1],
  ['phone', small, 6],
]) {
  test(`a US passport photo, ${name}`, async (t) => {
    const browser = await browse(options);
    const { page, sent, complaints } = browser;
    t.after(() => browser.forget());
    try {
      const photo = await face(page, orientation);
      await page.goto(studio(programs));
      await choose(page, 'us passport', 'us-passport');
      await page.getByText('You can file this photo yourself').waitFor(); // and what may be done to it, before a picture is taken
      await page.getByText('It is not given another background.').waitFor({ state: 'attached' });
      assert.equal(await page.getByRole('radio', { name: 'Keep mine, only cut' }).count(), 0, 'a choice where there is none');
      await look(page, `found-${name}-1-picture`);

      const first = answer(page, programs.edge);
      await upload(page, photo);
      const checked = await first;
      assert.equal(checked.status, 200, JSON.stringify(checked.body).slice(0, 400));
      assert.deepEqual([...checked.url.searchParams.keys()], ['document'], 'nobody says where the head is');
      await page.waitForFunction(() => document.activeElement?.id === 'sum');
      const inView = await page.locator('.seen').evaluate((v) => v.getBoundingClientRect().top >= 0 && document.activeElement.getBoundingClientRect().bottom <= innerHeight);
      assert.ok(inView, 'the picture and what came of it are in view');
      await look(page, `found-${name}-2-checked`);

      // The line that was found is where the head is.
      const [a, b, c, d, e, f] = checked.body.photo.affine;
      const on = ({ x, y }) => ({ x: ((a * x + b * y + c) / 300) * 25.4, y: ((d * x + e * y + f) / 300) * 25.4 });
      const line = checked.body.findings.find((x) => x.rule === 'pose.roll').place.points;
      for (const [i, what] of ['crown', 'chin'].entries()) {
        const off = Math.abs(on({ x: line[i][0], y: line[i][1] }).y - on(person[what]).y);
        assert.ok(off < 1.5, `the ${what} was found ${off.toFixed(2)} mm from where it is`);
      }

      // Each finding that is not in order and has a place is drawn, with the number that its words have.
      const drawn = checked.body.findings.filter((x) => ['fail', 'warn'].includes(x.verdict) && x.place);
      assert.ok(drawn.length > 0, 'the sample has something to find');
      assert.equal(await page.locator('.seen .badge').count(), drawn.length, 'numbers on the picture');
      const numbers = await page.locator('.number .sr').evaluateAll((all) => all.map((x) => x.textContent));
      assert.deepEqual(numbers, drawn.map((_, i) => `Number ${i + 1} on the picture`), 'numbers in the list');
      for (const x of drawn) await page.getByText(x.advice).first().waitFor();
      await page.getByText(checked.body.findings.find((x) => x.rule === 'edit.background').advice).first().waitFor();

      const paying = await pay(page, programs.edge);
      const made = await paying.finish();
      await look(page, `found-${name}-3-ready`);
      const file = await download(page, 0);
      const said = facts(file.bytes);
      assert.deepEqual([said.width, said.height, said.dpi[0], said.exif], [600, 600, 300, false], 'the file');
      const marked = await difference(page, photo, checked.body.photo);
      const clean = await difference(page, photo, { ...made.photo, data: file.bytes.toString('base64') });
      assert.ok(marked.share > 0.02 && marked.share > 3 * clean.share && clean.mean < 4, `marked ${JSON.stringify(marked)}, paid ${JSON.stringify(clean)}`);
      assert.equal((await download(page, 1)).name, 'us-passport-sheet-10x15.jpg');

      // The proof, verified away from the page.
      const proof = await download(page, 2);
      assert.equal(proof.name, 'us-passport-proof.json');
      assert.ok(proof.bytes.length < 8192, `the proof has ${proof.bytes.length} bytes`);
      await verified(proof, file);

      // Where the picture went, and that nothing stayed.
      const needles = traces(photo);
      const toEdge = sent.filter((r) => r.url.startsWith(`${programs.edge}/`) && r.method === 'POST');
      assert.equal(toEdge.length, 2, 'the photo was sent twice: for the findings and for the file');
      for (const r of sent) {
        if (r.url.startsWith(`${programs.edge}/`) || !/^(http|ws)/.test(r.url)) continue;
        const all = Buffer.concat([Buffer.from(r.url), Buffer.from(JSON.stringify(r.headers)), r.body ?? Buffer.alloc(0)]);
        for (const n of needles) assert.ok(!all.includes(n), `${r.method} ${r.url} carries bytes of the photo`);
      }
      assert.deepEqual(complaints, [], 'the console');
      assert.deepEqual(await stored(page), nothing, 'storage of the page');
      await page.getByRole('button', { name: 'Delete now', exact: true }).click();
      await page.getByText('Deleted. The photo is out of this page').first().waitFor();
      await browser.close();
      assert.deepEqual(await holding(browser.profile, needles.filter((n) => n.length >= 32)), [], 'files of the browser that hold bytes of the photo');
      assert.deepEqual(await holding(programs.state, needles.filter((n) => n.length >= 32)), [], 'files of the programs that hold bytes of the photo');
    } catch (e) {
      await shot(page, `failed-found-${name}`).catch(() => {});
      e.message += `\n${programs.logs().slice(-3000)}`;
      throw e;
    } finally {
      await browser.close();
    }
  });
}

/** Has `edge verify` hold a proof and the file against the keys that control publishes. */
async function verified(proof, file) {
  const keys = await (await fetch(`${programs.control}/.well-known/receipts.json`)).text();
  const at = (name) => join(programs.state, name);
  await writeFile(at('keys.json'), keys);
  await writeFile(at('proof.json'), proof.bytes);
  await writeFile(at('paid.jpg'), file.bytes);
  const edge = join(resolve(import.meta.dirname, '../../../..'), 'bin/edge');
  const { stdout } = await promisify(execFile)(edge, ['verify', '-json', '-keys', at('keys.json'), '-photo', at('paid.jpg'), at('proof.json')]);
  const said = JSON.parse(stdout);
  assert.ok(said.verified, stdout);
  assert.deepEqual(said.compared.sort(), ['findings', 'photo']);
}

test('the background: as the document allows, or kept', async (t) => {
  const browser = await browse(desk);
  const { page, complaints } = browser;
  t.after(() => browser.forget());
  try {
    const photo = await face(page);
    await page.goto(studio(programs));
    await choose(page, 'india visa', 'in-visa');
    const first = answer(page, programs.edge);
    await upload(page, photo);
    const allowed = (await first).body;
    const ground = (x) => x.findings.find((y) => y.rule === 'edit.background');
    assert.equal(ground(allowed).value, 100, 'a wall that fails its checks is replaced');
    await page.getByText(ground(allowed).advice).first().waitFor();
    await look(page, 'found-background-1-replaced');

    const second = answer(page, programs.edge);
    await page.getByRole('radio', { name: 'Keep mine, only cut' }).check();
    const kept = await second;
    assert.equal(kept.url.searchParams.get('mode'), 'crop');
    assert.equal(ground(kept.body).value, 0);
    await page.getByText(ground(kept.body).advice).first().waitFor();
    assert.ok(await page.locator('#buy').isEnabled(), 'what is shown can be bought');
    await look(page, 'found-background-2-kept');
    assert.deepEqual(complaints, [], 'the console');
  } catch (e) {
    await shot(page, 'failed-found-background').catch(() => {});
    throw e;
  } finally {
    await browser.close();
  }
});

test('a picture that will not do keeps the person on the step', async (t) => {
  const browser = await browse(small);
  const { page } = browser;
  t.after(() => browser.forget());
  try {
    await page.goto(studio(programs));
    await choose(page, 'us passport', 'us-passport');
    await upload(page, await face(page, 1, { left: 0, top: -60, right: 0, bottom: 0 }));
    const alert = page.getByRole('alert');
    await alert.filter({ hasText: 'The photo cannot be cut to this document.' }).waitFor();
    assert.match(await alert.textContent(), /space above the head/, 'the advice is shown');
    assert.equal(await page.locator('#buy').count(), 0, 'nothing to buy');
    assert.equal(await page.locator('[aria-current="step"]').textContent(), 'Picture');
    await page.locator('.seen .head').waitFor({ state: 'attached' }); // the head that is short of room is shown
    await look(page, 'found-cannot-fit');
    await alert.getByRole('button', { name: 'Take another picture' }).click();
    await page.locator('#picture-title').waitFor();
    await upload(page, await face(page, 1, { left: 200, top: 400, right: 1280, bottom: 83 }, true));
    await alert.filter({ hasText: 'There is more than one face in the picture.' }).waitFor();
    assert.match(await alert.textContent(), /Take the photo alone/, 'the advice is shown');
    await look(page, 'found-two-faces');
    await page.getByRole('button', { name: 'Another picture', exact: true }).click();
    await page.locator('#picture-title').waitFor();
    await upload(page, await face(page));
    await page.locator('#findings-title').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0, 'alerts');
  } finally {
    await browser.close();
  }
});

test('an edge without nets: the marks are set by hand', async (t) => {
  const browser = await browse(desk);
  const { page } = browser;
  t.after(() => browser.forget());
  try {
    await page.route(`${programs.edge}/v1/photos?*`, (route) => {
      if (route.request().method() !== 'POST' || route.request().url().includes('head=')) return route.continue();
      return route.fulfill({
        status: 422,
        headers: { 'content-type': 'application/problem+json', 'access-control-allow-origin': '*' },
        body: JSON.stringify({ type: '/problems/head-missing', title: 'Say where the head is.', status: 422 }),
      });
    });
    await page.goto(studio(programs));
    await choose(page, 'us passport', 'us-passport');
    await upload(page, await face(page));
    await page.getByText('This edge does not find heads by itself').first().waitFor();
    await page.locator('#mark-crown').waitFor();
    assert.equal(await page.getByRole('alert').count(), 0, 'it is no fault');
    await look(page, 'found-by-hand-only');
    await page.locator('#check').click();
    await page.locator('#findings-title').waitFor();
  } finally {
    await browser.close();
  }
});
