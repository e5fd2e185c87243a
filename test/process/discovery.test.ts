/** Discovery against real servers that do all that a node must not trust. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { type Attacks, startAttacks } from '../support/hostile/attacks.ts';
import { secret, token } from '../support/hostile/world.ts';
import { bun, node, run } from '../support/runtimes.ts';
import type { Discoveries, Report } from './discover.ts';

const program = path.join(import.meta.dirname, 'discover.ts');

interface Trial {
  readonly started: Attacks;
  readonly report: Report;
}

const runtimes = { 'the executable': bun, 'the library': node } as const;
const trials = new Map<string, Trial>();
let folder: string;

/** Runs all discoveries. Most of the time, they wait for servers that do not answer. */
async function tryAll(name: string, runtime: string): Promise<void> {
  const own = mkdtempSync(`${folder}/`);
  const started = await startAttacks(own);
  const asked: Discoveries = Object.fromEntries(started.attacks.map((attack) => [attack.name, attack]));
  writeFileSync(`${own}/discoveries.json`, JSON.stringify(asked), { mode: 0o600 });
  writeFileSync(`${own}/ca.pem`, started.authority);
  const trust = { SSL_CERT_FILE: `${own}/ca.pem` };
  const { code, output } = await run(runtime, [program, `${own}/discoveries.json`], trust);
  started.close();
  expect(code, output).toBe(0);
  trials.set(name, { started, report: JSON.parse(output) });
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'kubeadm-discovery-'));
  await Promise.all(Object.entries(runtimes).map(([name, runtime]) => tryAll(name, runtime)));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.each(Object.keys(runtimes))('discovery of %s', (name) => {
  const trial = (): Trial => {
    const found = trials.get(name);
    if (found === undefined) throw new Error('the program did not end');
    return found;
  };

  test('accepts and refuses each server for the right reason', () => {
    const { report, started } = trial();
    const expected = started.attacks.map((attack) => [attack.name, attack.outcome]);
    const found = Object.entries(report.outcomes).map(([name, { reason = 'accepted' }]) => [name, reason]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
  });

  test('shows no token and no other credentials to a server that is not proved', () => {
    const { started } = trial();
    const unproved = started.attacks.filter(({ isProved }) => !isProved);
    const texts = unproved.map(({ name, received }) => [name, received()] as const);
    for (const [server, text] of [...texts, ['a redirect', started.receivedElsewhere()] as const]) {
      expect(text, server).not.toMatch(/authorization/i);
      expect(text, server).not.toContain(secret);
      expect(text, server).not.toContain('client certificate');
    }
  });

  test('shows the credentials of a kubeconfig to the server that its authority proves', () => {
    const { attacks } = trial().started;
    const received = (server: string): string | undefined =>
      attacks.find((attack) => attack.name === server)?.received();
    expect(received('a file')).toContain(`Authorization: Bearer ${token}`);
    expect(received('a file with a client certificate')).toContain('client certificate of tester');
    expect(received('a URL')).toMatch(/Authorization: Basic/);
    expect(received('the cluster itself')).not.toMatch(/authorization/i);
  });

  test('uses at most 256 MiB of memory', () => {
    expect(trial().report.memoryMiB).toBeLessThan(256);
  });
});
