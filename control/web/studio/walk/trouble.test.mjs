// What the page says when something goes wrong, and that it can go on from there.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse } from './browser.mjs';
import { byHand, check, choose, drag, look, studio, upload } from './hand.mjs';
import { face, portrait, truth } from './picture.mjs';
import { start } from './programs.mjs';

let programs;
let browser;
before(async () => {
  programs = await start();
});
after(async () => {
  await programs?.stop();
});

/** A page with a picture opened and marked, and a way to answer in a server's place. */
async function marked(t) {
  browser = await browse();
  t.after(async () => {
    await browser.close();
    await browser.forget();
  });
  const { page } = browser;
  const photo = await portrait(page);
  await page.goto(studio(programs));
  await choose(page, 'us passport', 'us-passport');
  await upload(page, photo);
  await byHand(page);
  await drag(page, 'crown', truth.x, truth.crown);
  await drag(page, 'chin', truth.x, truth.chin);
  return page;
}

const problem = (status, body, headers = {}) => ({
  status,
  headers: { 'content-type': 'application/problem+json', 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After', ...headers },
  body: JSON.stringify(body),
});

test('a busy edge: its words are shown, and the next try goes through', async (t) => {
  const page = await marked(t);
  let times = 0;
  await page.route(`${programs.edge}/v1/photos?*`, (route) => {
    if (route.request().method() !== 'POST' || times++ > 0) return route.continue();
    return route.fulfill(problem(503, { type: '/problems/busy', title: 'We are busy; please try again.', status: 503, detail: 'All places are taken.' }, { 'retry-after': '2' }));
  });
  await page.locator('#check').click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  const text = await alert.textContent();
  for (const want of ['We are busy; please try again.', 'All places are taken.', 'Try again in 2 seconds.']) {
    assert.ok(text.includes(want), `the page says ${JSON.stringify(text)}, want ${JSON.stringify(want)} in it`);
  }
  assert.match(await alert.getByRole('link').getAttribute('href'), /^\/problems\/busy$/);
  await look(page, 'trouble-busy');
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#findings-title').waitFor();
});

test('an edge that is busy when the picture comes', async (t) => {
  browser = await browse();
  t.after(async () => {
    await browser.close();
    await browser.forget();
  });
  const { page } = browser;
  let times = 0;
  await page.route(`${programs.edge}/v1/photos?*`, (route) => {
    if (route.request().method() !== 'POST' || times++ > 0) return route.continue();
    return route.fulfill(problem(503, { type: '/problems/busy', title: 'We are busy.', status: 503 }, { 'retry-after': '1' }));
  });
  const photo = await face(page);
  await page.goto(studio(programs));
  await choose(page, 'us passport', 'us-passport');
  await upload(page, photo);
  const alert = page.getByRole('alert').filter({ hasText: 'Try again in 1 second.' });
  await alert.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#findings-title').waitFor();
  assert.equal(await page.getByRole('alert').count(), 0, 'alerts');
});

test('a token that an edge no longer takes is replaced, once', async (t) => {
  const page = await marked(t);
  await check(page, programs.edge);
  let refused = 0;
  await page.route(`${programs.edge}/v1/photos?*`, (route) => {
    if (route.request().method() !== 'POST' || refused++ > 0) return route.continue();
    return route.fulfill(problem(401, { type: '/problems/token', title: 'The token has expired.', status: 401 }));
  });
  await page.locator('#adjust').click();
  await drag(page, 'chin', truth.x, truth.chin + 20);
  assert.ok(await page.locator('#buy').isDisabled(), 'what was not checked cannot be bought');
  await page.locator('#check').click();
  await page.locator('#check').waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('alert').count(), 0, 'alerts');
  assert.equal(refused, 2, 'tries at the edge');
  assert.equal(browser.sent.filter((r) => r.url.endsWith('/v1/studio/tokens')).length, 2, 'tokens asked for');
});

test('an edge that cannot be reached', async (t) => {
  const page = await marked(t);
  await page.route(`${programs.edge}/v1/photos?*`, (route) => route.abort('connectionrefused'));
  await page.locator('#check').click();
  const text = await page.getByRole('alert').textContent();
  assert.ok(text.includes('We could not reach the edge.') && text.includes('Your photo is still here.'), text);
});

test('a picture that ends under the chin: the page and the edge say which side is short', async (t) => {
  const page = await marked(t);
  await drag(page, 'crown', truth.x, 900);
  await drag(page, 'chin', truth.x, 2360);
  await page.getByText(/The picture is \d+\.\d mm short below/).waitFor();
  await page.locator('#check').click();
  const alert = page.getByRole('alert');
  await alert.waitFor();
  const text = await alert.textContent();
  assert.match(text, /missing (below the chin|around the head)|step back/i, text);
  await look(page, 'trouble-short');
});

test('files that are no pictures', async (t) => {
  browser = await browse();
  t.after(async () => {
    await browser.close();
    await browser.forget();
  });
  const { page } = browser;
  await page.goto(studio(programs));
  await choose(page, 'us passport', 'us-passport');
  for (const [name, type, buffer, want] of [
    ['letter.pdf', 'application/pdf', Buffer.from('%PDF-1.7 not a picture'), 'That file is not a picture we can open.'],
    ['empty.jpg', 'image/jpeg', Buffer.alloc(0), 'That file is not a picture we can open.'],
    ['IMG_0001.HEIC', '', Buffer.from('\0\0\0\x18ftypheic\0\0\0\0heicmif1', 'latin1'), 'This browser cannot open HEIC pictures.'],
  ]) {
    await page.setInputFiles('#photo-file', { name, mimeType: type, buffer });
    await page.getByRole('alert').filter({ hasText: want }).waitFor();
  }
  await look(page, 'trouble-file');
  assert.deepEqual(browser.sent.filter((r) => r.method === 'POST').map((r) => r.url), [], 'requests made for them');
});

test('no edge anywhere, then one', async (t) => {
  browser = await browse();
  t.after(async () => {
    await browser.close();
    await browser.forget();
  });
  const { page } = browser;
  let times = 0;
  await page.route('**/v1/regions', (route) => (times++ === 0 ? route.fulfill({ json: { regions: [] } }) : route.continue()));
  await page.goto(studio(programs));
  await page.getByRole('alert').filter({ hasText: 'No edge is online right now.' }).waitFor();
  await look(page, 'trouble-no-edge');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.locator('#document-search').waitFor();
});

test('a payment that is declined is started anew', async (t) => {
  const page = await marked(t);
  await check(page, programs.edge);
  await page.locator('#buy').click();
  const frame = page.frameLocator('iframe[title="Pay page"]');
  await frame.getByRole('button', { name: 'Decline' }).click();
  await frame.getByText('Declined').waitFor();
  await page.getByRole('button', { name: 'Cancel, or start the payment again' }).click();
  await page.locator('#buy').click();
  await frame.getByRole('button', { name: 'Pay', exact: true }).click();
  await page.getByRole('heading', { name: 'Your photo is ready' }).waitFor();
});

test('an edge that fails after the payment: the photo is made by the next try', async (t) => {
  const page = await marked(t);
  await check(page, programs.edge);
  let times = 0;
  await page.route(`${programs.edge}/v1/photos?*`, (route) => {
    if (route.request().method() !== 'POST' || times++ > 0) return route.continue();
    return route.abort('connectionreset');
  });
  await page.locator('#buy').click();
  await page.frameLocator('iframe[title="Pay page"]').getByRole('button', { name: 'Pay', exact: true }).click();
  await page.getByRole('button', { name: 'Make it again' }).waitFor();
  await look(page, 'trouble-paid');

  // Deleting now would lose what was paid for: it asks.
  await page.getByRole('button', { name: 'Delete now', exact: true }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await page.getByRole('button', { name: 'Make it again' }).click();
  await page.getByRole('heading', { name: 'Your photo is ready' }).waitFor();
});

test('another document after the check asks for another check', async (t) => {
  const page = await marked(t);
  await check(page, programs.edge);
  await page.getByRole('button', { name: 'Change the document' }).click();
  await page.getByRole('combobox').fill('france visa');
  await page.locator('#document-fr-visa').click();
  // That one counts another top of the head, so the edge looks for it again.
  await byHand(page);
  assert.equal(await page.locator('#mark-crown').getAttribute('aria-label'), 'Top of the skull');
  assert.equal(await page.locator('#findings-title').count(), 0, 'findings of the other document');
});
