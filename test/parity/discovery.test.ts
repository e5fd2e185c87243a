/** Runs upstream's binary and this kubeadm against the same hostile servers, and compares which of them they accept. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { toYaml } from '../../src/lib/yaml/write.ts';
import { type Attack, startAttacks } from '../support/hostile/attacks.ts';
import type { DiscoveryResult, DiscoveryRun } from './discoveries.ts';
import { enterScript } from './record.ts';

const ours = path.resolve(import.meta.dirname, '../../dist/kubeadm');
const program = path.join(import.meta.dirname, 'discoveries.ts');
const run = promisify(execFile);

/** The servers that only upstream accepts. docs/differences.md names the reasons. */
const onlyUpstream = [
  'the CA of the attacker beside the pinned one',
  'two clusters',
  'a file, and a redirect',
  'a file with plain HTTP',
];

interface Trial {
  /** Whether the server was asked for the configuration of the cluster, by name. */
  readonly accepted: Readonly<Record<string, boolean>>;
  readonly results: Readonly<Record<string, DiscoveryResult>>;
}

async function tryAll(binary: string, skipped: ReadonlySet<string> = new Set()): Promise<Trial> {
  const scratch = mkdtempSync(path.join(tmpdir(), 'kubeadm-discovery-'));
  const { attacks: all, authority, close } = await startAttacks(scratch);
  const attacks = all.filter(({ name }) => !skipped.has(name));
  try {
    const [runs, result, inside] = ['runs.json', 'result.json', 'inside'].map((name) => `${scratch}/${name}`);
    writeFileSync(`${scratch}/ca.pem`, authority);
    writeFileSync(
      String(runs),
      JSON.stringify(attacks.map((attack, index) => runOf(attack, `${scratch}/${index}.yaml`))),
    );
    mkdirSync(String(inside));
    const args = ['--mount', 'sh', '-c', enterScript, 'enter', String(inside), process.execPath, program];
    const env = { ...process.env, SSL_CERT_FILE: `${scratch}/ca.pem` };
    await run('unshare', [...args, binary, String(runs), String(result)], { env });
    const asked = attacks.map(({ name, received }) => [
      name,
      received().includes('configmaps/kubeadm-config'),
    ]);
    return { accepted: Object.fromEntries(asked), results: JSON.parse(readFileSync(String(result), 'utf8')) };
  } finally {
    close();
    rmSync(scratch, { recursive: true, force: true });
  }
}

function runOf({ name, discovery, outcome }: Attack, config: string): DiscoveryRun {
  const { bootstrapToken, file, tlsBootstrapToken } = discovery;
  const content = {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind: 'JoinConfiguration',
    nodeRegistration: { name: 'node1', criSocket: 'unix:///run/none.sock' },
    discovery: { ...(file === undefined ? { bootstrapToken } : { file }), tlsBootstrapToken },
    // A busy machine must not make a difference.
    timeouts: { discovery: outcome === 'accepted' || onlyUpstream.includes(name) ? '60s' : '4s' },
  };
  writeFileSync(config, toYaml(content), { mode: 0o600 });
  return { name, config };
}

/** Upstream waits for the end of these answers without a limit, or reads them until the memory is full. */
const endlessForUpstream = new Set([
  'a protocol switch',
  'a URL without an end',
  'a slow URL without an end',
]);

test('both binaries accept and refuse the same servers, except for the documented ones', async () => {
  const { programs } = await ensureComponents({ set: 'compare' });
  const [theirs, mine] = await Promise.all([tryAll(programs.kubeadm, endlessForUpstream), tryAll(ours)]);
  const onlyMine = Object.keys(mine.accepted).filter(
    (name) => mine.accepted[name] === true && theirs.accepted[name] !== true,
  );
  expect(onlyMine).toEqual([]);
  expect(
    Object.keys(theirs.accepted).filter((name) => theirs.accepted[name] && !mine.accepted[name]),
  ).toEqual(onlyUpstream);
  for (const name of ['the cluster itself', 'an answer in 1-byte pieces', 'a file', 'a URL']) {
    expect(theirs.accepted[name], `${name}: ${theirs.results[name]?.stderr}`).toBe(true);
  }
});
