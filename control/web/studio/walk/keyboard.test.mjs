// The same journey without a mouse or a finger: every step is reached with Tab and done with the keys.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse, shot } from './browser.mjs';
import { marks, studio } from './hand.mjs';
import { face, facts, measure, person, portrait, truth } from './picture.mjs';
import { start } from './programs.mjs';

let programs;
before(async () => {
  programs = await start();
});
after(async () => {
  await programs?.stop();
});

/** Presses Tab until the element has the focus; fails when a whole round does not meet it. */
async function tabTo(page, selector) {
  for (let i = 0; i < 80; i++) {
    if (await page.evaluate((s) => document.activeElement?.matches(s) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  assert.fail(`${selector} is not reached with Tab`);
}

/** Whether somebody who looks can see where the focus is. */
async function focusShows(page) {
  return page.evaluate(() => {
    const el = document.activeElement;
    const own = getComputedStyle(el);
    const knob = getComputedStyle(el, '::before');
    const box = el.getBoundingClientRect();
    const onScreen = box.bottom > 0 && box.top < innerHeight;
    return onScreen && (own.outlineStyle !== 'none' || knob.boxShadow.includes('6px') || getComputedStyle(el.parentElement).outlineStyle !== 'none');
  });
}

async function nudge(page, mark, row) {
  const y = async () => (await marks(page))[mark].y;
  for (let i = 0; i < 200; i++) {
    const away = row - (await y());
    if (Math.abs(away) <= 1) return;
    const key = away > 0 ? 'ArrowDown' : 'ArrowUp';
    await page.keyboard.press(Math.abs(away) >= 20 ? `Shift+${key}` : key);
  }
  assert.fail(`the ${mark} does not reach row ${row} by keys, it stands at ${await y()}`);
}

test('a photo by the keyboard alone', async (t) => {
  const browser = await browse();
  const { page, complaints } = browser;
  t.after(() => browser.forget());
  try {
    const photo = await portrait(page);
    await page.goto(studio(programs));
    await page.locator('#document-search').waitFor();

    await tabTo(page, '#document-search');
    await page.keyboard.type('france passport');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    const active = await page.locator('#document-search').getAttribute('aria-activedescendant');
    assert.equal(active, 'document-fr-passport', 'the option that Enter takes');
    await page.keyboard.press('Enter');
    await page.getByText('Only a photographer or an approved booth').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'picture-title', 'the next step has the focus');

    await tabTo(page, '#photo-file');
    assert.ok(await focusShows(page), 'the focus shows on the file field');
    const choosing = page.waitForEvent('filechooser');
    await page.evaluate(() => true); // by then the browser has been told to hand the dialog over
    await page.keyboard.press('Enter');
    const chooser = await choosing;
    await chooser.setFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: photo.bytes });
    await page.getByRole('alert').waitFor(); // a drawn head is no face
    assert.equal(await page.evaluate(() => document.activeElement?.id), 'seen-title', 'the picture has the focus');
    await tabTo(page, '#by-hand');
    await page.keyboard.press('Enter');
    await page.locator('#mark-crown').waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'seen-title');

    await tabTo(page, '#mark-crown');
    assert.ok(await focusShows(page), 'the focus shows on a mark');
    await nudge(page, 'crown', truth.crown);
    await tabTo(page, '#mark-chin');
    await nudge(page, 'chin', truth.chin);
    await shot(page, 'keyboard-marks');
    await tabTo(page, '#check');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'sum');
    await page.getByText('May be handed in as your own file').waitFor(); // fails, and is made all the same

    await tabTo(page, '.agree input');
    await page.keyboard.press('Space');
    await tabTo(page, '#buy');
    await page.keyboard.press('Enter');
    await page.frameLocator('iframe[title="Pay page"]').getByRole('button', { name: 'Pay', exact: true }).waitFor();
    await tabTo(page, 'iframe');
    const payFrame = page.frames().find((f) => f.url().startsWith(programs.pay));
    for (let i = 0; i < 10; i++) {
      if (await payFrame.evaluate(() => document.activeElement?.textContent === 'Pay')) break;
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Your photo is ready' }).waitFor();
    await page.waitForFunction(() => document.activeElement?.id === 'file-title');

    await tabTo(page, 'a[download]');
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    const chunks = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const said = facts(bytes);
    assert.equal(file.suggestedFilename(), 'fr-passport.jpg');
    const seen = await measure(page, bytes);
    const head = ((seen.blue - seen.red) / said.height) * 45;
    assert.ok(head >= 32 && head <= 36, `the head is ${head.toFixed(2)} mm, allowed are 32 to 36`);
    assert.deepEqual(complaints.filter((c) => !c.includes('422')), [], 'the console, but for the answer that there is no face');
  } catch (e) {
    await shot(page, 'failed-keyboard').catch(() => {});
    e.message += `\n${programs.logs().slice(-3000)}`;
    throw e;
  } finally {
    await browser.close();
  }
});

test('the marks of a head that was found, corrected by the keyboard', async (t) => {
  const browser = await browse();
  const { page, complaints } = browser;
  t.after(() => browser.forget());
  try {
    const photo = await face(page);
    await page.goto(`${studio(programs)}?document=jp-passport`);
    await page.locator('#photo-file').setInputFiles({ name: 'me.jpg', mimeType: 'image/jpeg', buffer: photo.bytes });
    await page.waitForFunction(() => document.activeElement?.id === 'sum');

    await tabTo(page, '#adjust');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'seen-title');
    const found = await marks(page);
    assert.ok(Math.abs(found.chin.y - person.chin.y) < 30, `the chin is prefilled at ${found.chin.y}, is at ${person.chin.y}`);
    assert.ok(found.crown.y > person.crown.y - 10 && found.crown.y < person.crown.y + 120, `the skull is prefilled at ${found.crown.y}, the hair ends at ${person.crown.y}`);
    await tabTo(page, '#mark-crown');
    for (let i = 0; i < 3; i++) await page.keyboard.press('Shift+ArrowDown');
    assert.ok((await marks(page)).crown.y > found.crown.y + 20, 'the crown moves');
    await tabTo(page, '#check');
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.id === 'sum');
    await page.getByText('The head is where you have marked it.').waitFor();

    // And back to what was found.
    await tabTo(page, '#adjust');
    await page.keyboard.press('Enter');
    await tabTo(page, '#find-again');
    await page.keyboard.press('Enter');
    await page.getByText('The dashed line is the head as it was found').waitFor();
    assert.deepEqual(complaints, [], 'the console');
  } catch (e) {
    await shot(page, 'failed-keyboard-adjust').catch(() => {});
    e.message += `\n${programs.logs().slice(-3000)}`;
    throw e;
  } finally {
    await browser.close();
  }
});
