/** Runs plan, diff and dry runs of upgrades by upstream's binary and by this kubeadm against one real API server. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import type { KubeClient } from '../../src/clients/kube/kube-client.ts';
import { createMachineHost } from '../../src/host/machine/index.ts';
import type { Kubeconfig } from '../../src/kubeconfig/kubeconfig.ts';
import { formatKubeconfig } from '../../src/kubeconfig/write.ts';
import { createServers, type Servers, startApiServer } from '../support/servers.ts';
import { earlier } from '../support/upgrade.ts';
import { compare } from './both.ts';
import { record } from './namespaces.ts';
import { clusterConf, type UpgradeCase, upgradeCases } from './upgrade-clusters.ts';

let servers: Servers;
let kubeconfig: Kubeconfig;
let files: Readonly<Record<string, string>>;

beforeAll(async () => {
  servers = await createServers();
  // The Pods of the clusters have no ServiceAccount, and nothing makes the one of a namespace.
  kubeconfig = await startApiServer(servers, {
    kubernetes: earlier,
    arguments: ['--allow-privileged=true', '--disable-admission-plugins=ServiceAccount'],
  });
  files = { [clusterConf]: formatKubeconfig(kubeconfig) };
}, 600_000);
afterAll(async () => await servers.close());

const kinds = [
  ['v1', 'Node'],
  ['v1', 'Pod'],
  ['v1', 'ConfigMap'],
  ['apps/v1', 'DaemonSet'],
  ['apps/v1', 'Deployment'],
] as const;

/** Replaces the cluster in the API by that of the case, with upstream's binary. */
async function store(client: KubeClient, { case: one, objects, prepare }: UpgradeCase): Promise<void> {
  for (const [apiVersion, kind] of kinds) {
    const { items } = await client.list(apiVersion, kind);
    const own = items.filter(({ metadata: { namespace } }) => (namespace ?? 'kube-system') === 'kube-system');
    for (const { metadata } of own) await client.delete({ ...metadata, apiVersion, kind });
  }
  const { programs } = await ensureComponents({ set: 'compare' });
  const [recorded] = await record(programs.kubeadm, [
    { ...one, commands: prepare, files: { ...one.files, ...files } },
  ]);
  expect(recorded?.runs.map(({ code, stderr }) => (code === 0 ? '' : stderr))).toEqual(['', '']);
  for (const object of objects) await client.create(object);
}

/** Upstream's dry run shows what it reads, has one line for each upload and for all RBAC rules, and shows all manifests. */
function isOnPurpose(line: string): boolean {
  // Upstream makes a folder for a back-up that a dry run does not make, and writes no manifest.
  if (/-dryrun\/tmp\/\S*: only upstream$/.test(line)) return true;
  if (/-dryrun\/kube-[a-z-]+\.yaml: only ours$/.test(line)) return true;
  if (!/^upgrade (?:apply|node) .*--dry-run/.test(line)) return false;
  if (/object \w+List\/\/ is only upstream's$/.test(line)) return true;
  if (/object (?:Cluster)?Role(?:Binding)?\/\S+ is only ours$/.test(line)) return true;
  if (/: ConfigMap\/kube-system\/(?:kubeadm|kubelet)-config\./.test(line)) return true;
  if (/: Node\/\/cp1\./.test(line)) return true;
  // Upstream prints the manifests of the addons, without a checksum and as Go writes them. This kubeadm shows the calls.
  if (/: \w+\/kube-system\/(?:kube-proxy|coredns|kube-dns)\./.test(line) && isOfManifest(line)) return true;
  // This kubeadm shows a manifest if it changes.
  return /object Pod\/kube-system\/\S+ is only upstream's$/.test(line);
}

function isOfManifest(line: string): boolean {
  return [
    /\.metadata\.annotations: undefined, ours \{"kubeadm\.kubernetes\.io\/component-config\.hash":"sha256:\w+"\}$/,
    /\.volumeMounts\.\d+\.readOnly: false, ours undefined$/,
    /\.resources: undefined, ours \{\}$/,
    /\.status: undefined, ours \{/,
  ].some((pattern) => pattern.test(line));
}

test('random clusters have the same plans, diffs and dry runs', async () => {
  const seed = Number(process.env.PARITY_SEED ?? Math.floor(Math.random() * 2 ** 31));
  console.log(`parity of upgrades: seed ${seed} (PARITY_SEED=${seed} repeats it)`);
  const client = createMachineHost().kube(kubeconfig);
  let accepted = 0;
  const cases = upgradeCases(Number(process.env.PARITY_CASES ?? 20), seed);
  for (const one of cases) {
    await store(client, one);
    const [theirs] = await compare([{ ...one.case, files: { ...one.case.files, ...files } }], isOnPurpose);
    if (theirs?.runs.every(({ code }) => code === 0) === true) accepted += 1;
  }
  client.close();
  expect(accepted, 'most clusters should be valid ones').toBeGreaterThan(cases.length / 2);
});
