// The crop that the page draws while the marks move is the crop that the edge makes: for every document, with a head that
// leans a little and stands a little off the middle.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createRequire } from 'node:module';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { browse } from './browser.mjs';
import { portrait, truth } from './picture.mjs';
import { start } from './programs.mjs';

let programs;
before(async () => {
  programs = await start();
});
after(async () => {
  await programs?.stop();
});

/** The page's solver, as a module that Node can load. */
async function solver(t) {
  const ts = createRequire(import.meta.url)('typescript');
  const source = await readFile(join(import.meta.dirname, '../src/geometry.ts'), 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'studio-walk-solver-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'geometry.mjs');
  await writeFile(file, ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } }).outputText);
  return import(pathToFileURL(file).href);
}

test('the live crop is the one that is made, for every document', async (t) => {
  const { solve, headOn, scaled } = await solver(t);
  const browser = await browse();
  t.after(() => browser.forget());
  const photo = await portrait(browser.page).finally(() => browser.close());

  const { documents } = await (await fetch(`${programs.edge}/v1/documents`)).json();
  const granted = await fetch(`${programs.control}/v1/studio/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Origin: programs.control },
    body: JSON.stringify({ region: 'local' }),
  });
  const { access_token } = await granted.json();
  const head = { crownX: truth.x + 40, crownY: truth.crown + 260, chinX: truth.x + 10, chinY: truth.chin - 40 };
  const at = `${head.crownX},${head.crownY},${head.chinX},${head.chinY}`;

  const off = [];
  let made = 0;
  for (const d of documents) {
    const live = solve(d, head, truth);
    const res = await fetch(`${programs.edge}/v1/photos?document=${d.id}&head=${at}`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${access_token}`, 'Content-Type': 'image/jpeg', Accept: 'application/json' },
      body: photo.bytes,
    });
    const answer = await res.json();
    if (res.status === 422) {
      if (live?.fits) off.push(`${d.id}: the page draws a crop, the edge says ${answer.title} ${answer.detail ?? ''}`);
      continue;
    }
    if (res.status !== 200) {
      off.push(`${d.id}: ${res.status} ${JSON.stringify(answer).slice(0, 200)}`);
      continue;
    }
    made++;
    if (!live?.fits) {
      off.push(`${d.id}: the edge makes it, the page says that it does not fit`);
      continue;
    }
    const theirs = headOn(scaled(answer.photo.affine, live.height / answer.photo.height), head);
    const ours = headOn(live.affine, head);
    for (const what of ['height', 'top', 'chin']) {
      const apart = Math.abs(theirs[what] - ours[what]);
      if (!(apart <= 0.1)) off.push(`${d.id}: ${what} is ${ours[what].toFixed(2)} mm in the page, ${theirs[what].toFixed(2)} mm at the edge`);
    }
  }
  assert.deepEqual(off, [], 'documents on which the two differ');
  assert.ok(made > 120, `${made} of ${documents.length} documents were made`);
});
