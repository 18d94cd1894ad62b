// A head that no net knows, marked by hand: on a desk with a mouse and on a phone with a finger.
// The picture's truth is known, so the file is judged by it; the browser's own request log is read to the last byte.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse, desk, holding, nothing, phone, shot, stored } from './browser.mjs';
import { byHand, check, choose, download, drag, look, marks, pay, shownHead, studio, swipe, upload } from './hand.mjs';
import { difference, facts, measure, portrait, traces, truth } from './picture.mjs';
import { start } from './programs.mjs';

let programs;
before(async () => {
  programs = await start();
});
after(async () => {
  await programs?.stop();
});

const mm = (px) => (px / 300) * 25.4;

for (const [name, options, move, orientation] of [
  ['desk', desk, drag, 1],
  ['phone', phone, swipe, 6], // a phone stores the picture on its side
]) {
  test(`a US passport photo marked by hand, ${name}`, async (t) => {
    const browser = await browse(options);
    const { page, sent, complaints } = browser;
    t.after(() => browser.forget());
    try {
      const photo = await portrait(page, orientation);

      await page.goto(studio(programs));
      await page.getByRole('heading', { name: 'Which document is it for?' }).waitFor();
      await look(page, `${name}-1-choose`);
      await choose(page, 'us passport', 'us-passport');
      await page.getByText('The background may not be replaced').waitFor(); // said before a picture is taken
      await look(page, `${name}-2-picture`);

      await upload(page, photo);
      await page.getByRole('alert').filter({ hasText: 'There is no face in the picture.' }).waitFor();
      await look(page, `${name}-3-no-face`);
      await byHand(page);
      assert.equal(await page.locator('#mark-crown').getAttribute('aria-label'), 'Top of the hair', 'the top that this document counts');
      assert.equal(await page.locator('#mark-crown').getAttribute('aria-valuemax'), String(truth.height), 'height of the upright picture');
      await move(page, 'crown', truth.x, truth.crown);
      await move(page, 'chin', truth.x, truth.chin);
      const at = await marks(page);
      for (const [mark, y] of [['crown', truth.crown], ['chin', truth.chin]]) {
        assert.ok(Math.abs(at[mark].y - y) <= 6, `the ${mark} was dragged to row ${at[mark].y}, want ${y}`);
      }
      await look(page, `${name}-4-marks`);
      const live = await shownHead(page);

      const checked = await check(page, programs.edge);
      assert.equal(checked.document, 'us-passport');
      const verdicts = Object.fromEntries(checked.findings.map((f) => [f.rule, f.verdict]));
      assert.equal(verdicts['head.size'], 'pass', 'head.size');
      assert.equal(verdicts['file.dpi'], 'pass', 'file.dpi');
      assert.equal(verdicts['eye.line'], 'not_assessed', 'eye.line needs a net');
      const shown = await shownHead(page);
      assert.ok(Math.abs(shown - live) <= 0.15, `the live preview said ${live} mm, the edge ${shown} mm`);
      await page.getByText('Not judged').first().waitFor({ state: 'attached' });
      await look(page, `${name}-5-checked`);

      const paying = await pay(page, programs.edge);
      await look(page, `${name}-6-pay`);
      const made = await paying.finish();
      await look(page, `${name}-7-ready`);

      // The file that a person keeps.
      const file = await download(page, 0);
      assert.equal(file.name, 'us-passport.jpg');
      const said = facts(file.bytes);
      assert.deepEqual([said.width, said.height], [600, 600], 'pixels');
      assert.deepEqual(said.dpi, [300, 300], 'density');
      assert.deepEqual([said.exif, said.comments], [false, 0], 'EXIF and comments of the picture are gone');
      const seen = await measure(page, file.bytes);
      const head = mm(seen.blue - seen.red);
      assert.ok(head >= 25 && head <= 35, `the head is ${head.toFixed(2)} mm on the file, allowed are 25 to 35`);
      const [a, b, c, d, e, f] = made.photo.affine;
      assert.ok(Math.abs(b) < 0.02 && Math.abs(d) < 0.02, `the marks were level, the matrix turns: ${made.photo.affine}`);
      const expected = mm(Math.hypot(d * 0 + e * (truth.chin - truth.crown), b * (truth.chin - truth.crown)));
      assert.ok(Math.abs(head - expected) <= 0.15, `measured on the pixels the head is ${head.toFixed(2)} mm, by the matrix ${expected.toFixed(2)}`);
      assert.ok(Math.abs(head - shown) <= 0.3, `measured on the pixels the head is ${head.toFixed(2)} mm, the page said ${shown}`);
      assert.ok(Math.abs(e * truth.crown + d * truth.x + f - seen.red) <= 1.5, `the crown is in row ${seen.red}, by the matrix ${e * truth.crown + d * truth.x + f}`);
      assert.ok(Math.abs(seen.middle - 300) <= 6, `the head's middle is in column ${seen.middle}, want 300`);
      assert.ok(Math.abs(c + a * truth.x + b * truth.crown - 300) <= 6, 'the matrix puts the face in the middle');

      // No mark on it, and a mark on what was not paid for.
      assert.ok(seen.stray <= 6, `the wall strays by ${seen.stray} levels on the paid file, want it plain`);
      seen.wall.forEach((v, i) => assert.ok(Math.abs(v - truth.wall[i]) <= 3, `the wall is ${seen.wall}, was ${truth.wall}`));
      const marked = await difference(page, photo, checked.photo);
      const clean = await difference(page, photo, { ...made.photo, data: file.bytes.toString('base64') });
      assert.ok(marked.share > 0.02, `${(100 * marked.share).toFixed(2)} % of the preview differ from the picture, want a mark to be seen`);
      assert.ok(clean.share < 0.02 && clean.mean < 3, `${(100 * clean.share).toFixed(2)} % of the paid file differ from the picture, ${clean.mean.toFixed(2)} levels on the mean: want no mark`);
      assert.ok(marked.share > 3 * clean.share, `the preview (${marked.share}) differs no more than the file (${clean.share})`);

      // The sheet that came with it.
      const sheet = await download(page, 1);
      assert.equal(sheet.name, 'us-passport-sheet-10x15.jpg');
      const paper = facts(sheet.bytes);
      const sides = [paper.width, paper.height].map(Math.round).sort((x, y) => x - y);
      const dpi = paper.dpi[0];
      assert.ok(Math.abs(sides[0] - (100 / 25.4) * dpi) <= 1 && Math.abs(sides[1] - (150 / 25.4) * dpi) <= 1, `the sheet is ${sides} px at ${dpi} dpi, want 100 × 150 mm`);

      // Every byte that left the browser.
      const needles = traces(photo);
      const toEdge = sent.filter((r) => r.url.startsWith(`${programs.edge}/`) && r.method === 'POST');
      assert.equal(toEdge.length, 3, 'the photo was sent three times: to find the head, for the check, and for the file');
      for (const r of toEdge) assert.ok(r.body?.includes(photo.secret), 'the log shows bodies: the photo is seen on its way to the edge');
      const hosts = new Set();
      for (const r of sent) {
        const origin = new URL(r.url).origin;
        if (!['http:', 'https:', 'ws:', 'wss:'].includes(new URL(r.url).protocol)) continue; // blob: stays in the browser
        hosts.add(origin);
        if (origin === programs.edge) continue;
        const all = Buffer.concat([Buffer.from(r.url), Buffer.from(JSON.stringify(r.headers)), r.body ?? Buffer.alloc(0)]);
        assert.ok(all.length < 4096, `${r.method} ${r.url} carries ${all.length} bytes to ${origin}, more than words`);
        for (const n of needles) assert.ok(!all.includes(n), `${r.method} ${r.url} carries bytes of the photo to ${origin}`);
        if (r.method === 'POST' && origin === programs.control) assert.ok(r.body && JSON.parse(r.body.toString()), `the log shows what ${r.url} was told`);
      }
      assert.deepEqual([...hosts].sort(), [programs.control, programs.edge, programs.pay].sort(), 'hosts the browser spoke to');

      assert.deepEqual(complaints.filter((c) => !c.includes('422')), [], 'the console, but for the answer that there is no face');

      // Nothing kept, and nothing left after the button.
      assert.deepEqual(await stored(page), nothing, 'storage of the page');
      assert.deepEqual((await browser.context.cookies()).map((x) => x.name), [], 'cookies of a visitor');
      const links = await page.locator('a[download]').evaluateAll((all) => all.map((x) => x.href));
      await page.getByRole('button', { name: 'Delete now', exact: true }).click();
      await page.getByText('Deleted. The photo is out of this page').first().waitFor();
      for (const link of links) {
        const gone = await page.evaluate((href) => new Promise((done) => {
          const image = new Image();
          image.onload = () => done(false);
          image.onerror = () => done(true);
          image.src = href;
        }), link);
        assert.ok(gone, `${link} can still be opened after deletion`);
      }
      await look(page, `${name}-8-deleted`);

      await browser.close();
      const onDisk = await holding(browser.profile, needles.filter((n) => n.length >= 32));
      assert.deepEqual(onDisk, [], 'files of the browser that hold bytes of the photo');
      assert.deepEqual(await holding(programs.state, needles.filter((n) => n.length >= 32)), [], 'files of the programs that hold bytes of the photo');
    } catch (e) {
      await shot(page, `failed-${name}`).catch(() => {});
      e.message += `\n${programs.logs().slice(-3000)}`;
      throw e;
    } finally {
      await browser.close();
    }
  });
}
