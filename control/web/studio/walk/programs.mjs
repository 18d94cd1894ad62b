// Starts control and one edge, as a person on a laptop would, on free ports and in a folder that is gone afterwards.
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname, '../../../..');
const run = promisify(execFile);

/** Ports that were free a moment ago, all different. */
async function freePorts(n) {
  const servers = await Promise.all(
    Array.from({ length: n }, () => new Promise((done, fail) => {
      const s = createServer();
      s.once('error', fail);
      s.listen(0, '127.0.0.1', () => done(s));
    })),
  );
  const ports = servers.map((s) => s.address().port);
  await Promise.all(servers.map((s) => new Promise((done) => s.close(done))));
  return ports;
}

/** @param {Record<string, string>} control more settings for control */
export async function start(control = {}) {
  for (const name of ['control', 'edge']) {
    if (!existsSync(join(root, 'bin', name))) throw new Error(`bin/${name} is not there: run make build first`);
  }
  const state = await mkdtemp(join(tmpdir(), 'studio-walk-'));
  const [web, webPrivate, idp, pay, edge, edgePrivate, gossip] = await freePorts(7);
  const at = (port) => `http://127.0.0.1:${port}`;
  const children = [];
  const launch = async (name, args, env, ready) => {
    let log = '';
    const child = spawn(join(root, 'bin', name), args, { env: { PATH: process.env.PATH, HOME: state, STATE_DIRECTORY: state, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (d) => (log += d));
    child.stderr.on('data', (d) => (log += d));
    children.push({ child, name, log: () => log });
    const ended = new Promise((_, fail) => child.once('exit', (code) => fail(new Error(`${name} ended with ${code}:\n${log.slice(-3000)}`))));
    ended.catch(() => {}); // looked at only while starting
    await Promise.race([ended, answers(ready, () => log)]);
  };

  const settings = {
    CONTROL_LISTEN: `127.0.0.1:${web}`,
    CONTROL_PRIVATE_LISTEN: `127.0.0.1:${webPrivate}`,
    CONTROL_URL: at(web),
    CONTROL_DATABASE_URL: `sqlite:${join(state, 'control.db')}`,
    CONTROL_DEVIDP_LISTEN: `127.0.0.1:${idp}`,
    CONTROL_FAKEPAY_LISTEN: `127.0.0.1:${pay}`,
    ...control,
  };
  const stop = async () => {
    for (const { child } of children.reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((done) => child.once('exit', done));
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 8000);
      await gone;
      clearTimeout(timer);
    }
    await rm(state, { recursive: true, force: true });
  };
  try {
    await launch('control', ['serve'], settings, `${at(webPrivate)}/readyz`);
    const { stdout } = await run(join(root, 'bin/control'), ['node', 'local'], { env: { PATH: process.env.PATH, HOME: state, STATE_DIRECTORY: state, ...settings } });
    await launch('edge', ['serve'], {
      EDGE_LISTEN: `127.0.0.1:${edge}`,
      EDGE_PRIVATE_LISTEN: `127.0.0.1:${edgePrivate}`,
      EDGE_PUBLIC_URL: at(edge),
      EDGE_CONTROL_URL: at(web),
      EDGE_ORIGINS: at(web),
      EDGE_NODE: 'walk',
      EDGE_NODE_TOKEN: stdout.trim(),
      EDGE_SPOOL: join(state, 'spool'),
      EDGE_GOSSIP_LISTEN: `127.0.0.1:${gossip}`,
      EDGE_SOURCE_CIDRS: '127.0.0.0/8',
    }, `${at(edgePrivate)}/readyz`);
    // The directory learns of the edge by its first heartbeat.
    await answers(`${at(web)}/v1/regions`, () => 'no edge in the directory', (body) => body.includes(at(edge)));
  } catch (e) {
    await stop();
    throw e;
  }
  return {
    control: at(web),
    edge: at(edge),
    idp: at(idp),
    pay: at(pay),
    state,
    logs: () => children.map((c) => `--- ${c.name}\n${c.log()}`).join('\n'),
    stop,
  };
}

async function answers(url, log, holds = () => true) {
  const until = Date.now() + 30_000;
  for (;;) {
    try {
      const res = await fetch(url, { signal: AbortSignal.timeout(2000) });
      if (res.ok && holds(await res.text())) return;
    } catch {
      // not yet
    }
    if (Date.now() > until) throw new Error(`${url} did not answer within 30 s:\n${log().slice(-3000)}`);
    await new Promise((done) => setTimeout(done, 25));
  }
}

