// What a person does in the studio, step by step.
import assert from 'node:assert/strict';
import { accessible, shot } from './browser.mjs';

export const studio = (programs) => `${programs.control}/studio`;

/** Looks at a step: a picture of it for a person, axe for everyone else. */
export async function look(page, name) {
  await shot(page, name);
  await accessible(page, name);
}

export async function choose(page, words, id) {
  await page.getByRole('combobox', { name: 'Search by country or document' }).fill(words);
  await page.locator(`#document-${id}`).click();
  await page.locator('#picture-title').waitFor();
}

export async function upload(page, photo, name = 'me.jpg') {
  await page.setInputFiles('#photo-file', { name, mimeType: 'image/jpeg', buffer: photo.bytes });
  await page.locator('#seen-title').waitFor();
}

/** Takes up the marks for a head that the edge does not find: the drawn one of picture.mjs is none to it. */
export async function byHand(page) {
  await page.locator('#by-hand').click();
  await page.locator('#mark-crown').waitFor();
}

/** Where a row of the picture is on the screen. */
async function onScreen(page, y, x) {
  const frame = await page.locator('.frame').boundingBox();
  const { width, height } = await page.evaluate(() => {
    const svg = document.querySelector('.frame svg').viewBox.baseVal;
    return { width: svg.width, height: svg.height };
  });
  return { x: frame.x + (x / width) * frame.width, y: frame.y + (y / height) * frame.height };
}

/** Drags a mark with the mouse to a point of the picture. */
export async function drag(page, mark, x, y) {
  const knob = page.locator(`#mark-${mark}`);
  await knob.scrollIntoViewIfNeeded();
  const box = await knob.boundingBox();
  const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const to = await onScreen(page, y, x);
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2);
  await page.mouse.move(to.x, to.y);
  await page.mouse.up();
}

/** The same with a finger. */
export async function swipe(page, mark, x, y) {
  const knob = page.locator(`#mark-${mark}`);
  await knob.scrollIntoViewIfNeeded();
  const box = await knob.boundingBox();
  const from = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const to = await onScreen(page, y, x);
  const finger = await page.context().newCDPSession(page);
  const touch = (type, p) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: p ? [p] : [] });
  await touch('touchStart', from);
  await touch('touchMove', { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 });
  await touch('touchMove', to);
  await touch('touchEnd');
  await finger.detach();
}

/** Where the marks stand, as a screen reader hears it. */
export async function marks(page) {
  const read = async (mark) => {
    const text = await page.locator(`#mark-${mark}`).getAttribute('aria-valuetext');
    const [, y, x] = /^(\d+) pixels from the top, (\d+) from the left$/.exec(text);
    return { x: Number(x), y: Number(y) };
  };
  return { crown: await read('crown'), chin: await read('chin') };
}

/** The head's height that the page shows, in mm. */
export async function shownHead(page) {
  const text = await page.locator('figcaption strong').first().textContent();
  const found = /^Head (\d+\.\d) mm$/.exec(text.trim());
  assert.ok(found, `the page says ${JSON.stringify(text)}, want "Head N mm"`);
  return Number(found[1]);
}

export async function check(page, edge) {
  const answered = page.waitForResponse((r) => r.url().startsWith(`${edge}/v1/photos`) && r.request().method() === 'POST');
  await page.locator('#check').click();
  const response = await answered;
  const answer = await response.json();
  assert.equal(response.status(), 200, `the edge answers ${response.status()} ${JSON.stringify(answer).slice(0, 400)}`);
  await page.locator('#findings-title').waitFor();
  return answer;
}

/** What an edge answers to the next photo that is sent to it. */
export async function answer(page, edge) {
  const response = await page.waitForResponse((r) => r.url().startsWith(`${edge}/v1/photos`) && r.request().method() === 'POST');
  return { status: response.status(), url: new URL(response.url()), body: await response.json() };
}

/** Pays on the pay page inside the page, and waits for the finished file. */
export async function pay(page, edge) {
  await page.locator('#buy').click();
  const frame = page.frameLocator('iframe[title="Pay page"]');
  await frame.getByRole('button', { name: 'Pay', exact: true }).waitFor();
  const made = page.waitForResponse((r) => r.url().startsWith(`${edge}/v1/photos`) && r.request().method() === 'POST');
  return {
    finish: async () => {
      await frame.getByRole('button', { name: 'Pay', exact: true }).click();
      const answer = await (await made).json();
      await page.getByRole('heading', { name: 'Your photo is ready' }).waitFor();
      return answer;
    },
  };
}

/** Clicks a download link and gives the file's name and bytes. */
export async function download(page, n) {
  const link = page.locator('a[download]').nth(n);
  const [file] = await Promise.all([page.waitForEvent('download'), link.click()]);
  const chunks = [];
  for await (const chunk of await file.createReadStream()) chunks.push(chunk);
  return { name: file.suggestedFilename(), bytes: Buffer.concat(chunks) };
}
