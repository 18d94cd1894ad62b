// The rest of the site: a customer signs in, makes a key, fetches a signed URL and sees it counted; a visitor is asked
// once whether visits may be counted, and nothing of Google is loaded before a yes or against the browser's own no.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browse, desk, phone } from './browser.mjs';
import { look } from './hand.mjs';
import { start } from './programs.mjs';

let programs;
before(async () => {
  programs = await start({ CONTROL_GA_ID: 'G-WALK12345' });
});
after(async () => {
  await programs?.stop();
});

async function open(t, options = desk) {
  const browser = await browse(options);
  t.after(async () => {
    await browser.close();
    await browser.forget();
  });
  // Nothing here may reach Google, so what is asked of it is answered here; the request log shows the asking.
  await browser.context.route((url) => google(url.href), (route) => route.fulfill({ status: 200, contentType: 'text/javascript', body: '' }));
  return browser;
}

const google = (url) => /(^|\.)(google|googletagmanager|google-analytics|googleapis|gstatic|doubleclick)\.[a-z.]+$/.test(new URL(url).hostname || 'none');
const asked = (browser) => browser.sent.map((r) => r.url).filter(google);

for (const [name, options] of [['desk', desk], ['phone', phone]]) {
  test(`from the landing page to a key and its usage, ${name}`, async (t) => {
    const browser = await open(t, options);
    const { page, complaints } = browser;
    await page.goto(programs.control);
    await look(page, `site-${name}-1-landing`);
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByRole('link', { name: 'Sign in' }).first().click();
    await look(page, `site-${name}-2-signin`);
    await page.getByRole('link', { name: /Continue as a sample person/ }).click();
    await page.getByRole('heading', { name: 'Who would you like to be?' }).waitFor();
    assert.ok(page.url().startsWith(programs.idp), `people sign in at ${page.url()}`);
    await look(page, `site-${name}-3-issuer`);
    await page.getByLabel('Or somebody new').fill(`Walker on a ${name}`);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.waitForURL((url) => url.origin === programs.control);

    await page.goto(`${programs.control}/console`);
    await page.getByText('You have no key yet.').waitFor();
    await look(page, `site-${name}-4-console`);
    await page.getByLabel('What is it for?').fill('A walk');
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByText('Copy this now.').waitFor();
    await look(page, `site-${name}-5-key`);
    const signed = (await page.locator('pre[aria-label="A signed URL"] code').textContent()).trim();
    assert.ok(signed.startsWith(`${programs.edge}/i/`), `the signed URL is ${signed}`);

    // Keys reach every edge within seconds.
    let res;
    for (const until = Date.now() + 10_000; Date.now() < until; ) {
      res = await fetch(signed, { headers: { Accept: 'image/webp,*/*' } });
      if (res.status !== 403) break;
      await new Promise((done) => setTimeout(done, 100));
    }
    assert.equal(res.status, 200, `the signed URL answers ${res.status}: ${res.ok ? '' : await res.text()}`);
    assert.match(res.headers.get('content-type'), /^image\//);
    assert.ok((await res.arrayBuffer()).byteLength > 500, 'a picture came');

    // The count arrives by itself, seconds later.
    const row = page.locator('#usage ~ figure ~ .scroll table tbody tr, section[aria-labelledby="usage"] tbody tr');
    for (const until = Date.now() + 20_000; Date.now() < until; ) {
      await page.goto(`${programs.control}/console`);
      if ((await row.count()) > 0) break;
      await page.waitForTimeout(250);
    }
    assert.match((await row.first().textContent()).replace(/\s+/g, ' '), /Images? ?.*1 1 0 0|1 ?1 ?0 ?0/, 'one image, counted once');
    await look(page, `site-${name}-6-usage`);

    for (const path of ['/account', '/documents', '/documents/us-passport', '/privacy', '/cookies', '/problems', '/problems/busy']) {
      const response = await page.goto(programs.control + path);
      assert.equal(response.status(), 200, path);
      await look(page, `site-${name}-7${path.replaceAll('/', '-')}`);
    }
    // A document's page leads into the studio with that document chosen.
    await page.goto(`${programs.control}/documents/us-passport`);
    await page.getByRole('link', { name: 'Make this photo' }).click();
    await page.getByRole('heading', { name: 'Passport (print, DS-11/DS-82)' }).waitFor();
    await page.locator('#photo-file').waitFor({ state: 'attached' });

    const lost = await page.goto(`${programs.control}/no/such/page`);
    assert.equal(lost.status(), 404);
    await look(page, `site-${name}-8-lost`);

    await page.goto(`${programs.control}/account`);
    await page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await page.goto(`${programs.control}/console`);
    assert.match(page.url(), /\/signin/, 'the console asks who one is again');
    assert.deepEqual(asked(browser), [], 'requests to Google after a refusal');
    assert.deepEqual(complaints.filter((c) => !c.includes('404')), [], 'the console of the browser');
  });
}

test('consent: nothing before, refuse as big as accept, a yes that can be taken back', async (t) => {
  const browser = await open(t);
  const { page, context } = browser;
  await page.goto(programs.control);
  const [refuse, accept] = await Promise.all(
    ['Refuse', 'Accept'].map(async (name) => {
      const button = page.getByRole('button', { name, exact: true });
      const { width, height } = await button.boundingBox();
      const style = await button.evaluate((b) => {
        const s = getComputedStyle(b);
        return [s.color, s.backgroundColor, s.fontSize, s.fontWeight, s.borderColor].join(' | ');
      });
      return { width, height, style };
    }),
  );
  assert.ok(refuse.width >= accept.width - 1 && refuse.height >= accept.height - 1, `Refuse is ${refuse.width} × ${refuse.height}, Accept ${accept.width} × ${accept.height}`);
  assert.equal(refuse.style, accept.style, 'looks of the two buttons');
  await page.goto(`${programs.control}/privacy`);
  assert.deepEqual(asked(browser), [], 'requests to Google before a choice');

  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.waitForLoadState('networkidle');
  assert.ok(asked(browser).length > 0, 'after a yes the tag is asked for');
  assert.ok(asked(browser).every((u) => u.startsWith('https://www.googletagmanager.com/')), `asked: ${asked(browser)}`);

  // The studio counts nobody, whatever was agreed elsewhere.
  const before = asked(browser).length;
  await page.goto(`${programs.control}/studio`);
  await page.locator('#document-search').waitFor();
  assert.equal(asked(browser).length, before, 'requests to Google from the studio');

  await context.addCookies([{ name: '_ga', value: 'GA1.1.1.1', url: programs.control }]);
  await page.goto(`${programs.control}/cookies#choice`);
  await page.getByText('You said yes').waitFor();
  await page.getByRole('button', { name: 'Refuse', exact: true }).click();
  await page.getByText('You said no').waitFor();
  const then = asked(browser).length;
  assert.deepEqual((await context.cookies()).map((c) => c.name).filter((n) => n.startsWith('_ga')), [], "Google's cookies after the no");
  await page.goto(programs.control);
  assert.equal(await page.getByRole('button', { name: 'Accept', exact: true }).count(), 0, 'the banner is gone');
  assert.equal(asked(browser).length, then, 'requests to Google after the no');
});

test('Global Privacy Control is a refusal, even over an old yes', async (t) => {
  const browser = await open(t);
  const { page, context } = browser;
  await page.goto(programs.control);
  await page.getByRole('button', { name: 'Accept', exact: true }).click();
  await page.waitForLoadState('networkidle');
  const before = asked(browser).length;
  assert.ok(before > 0, 'the yes was heard');
  await context.setExtraHTTPHeaders({ 'Sec-GPC': '1' });
  for (const path of ['/', '/privacy', '/cookies', '/signin', '/studio']) await page.goto(programs.control + path);
  assert.equal(asked(browser).length, before, 'requests to Google under Sec-GPC');
  await page.goto(`${programs.control}/cookies#choice`);
  await page.getByText('Your browser sends Global Privacy Control').waitFor();
  await context.clearCookies();
  await page.goto(programs.control);
  assert.equal(await page.getByRole('button', { name: 'Accept', exact: true }).count(), 0, 'nobody is asked who has already said no');
});
