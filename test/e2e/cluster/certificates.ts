/** Certificates of a real node: their expiry and renewal, and a control plane that starts with the new ones. */
import { expect } from 'vitest';

import { kubectl, proveCluster } from '../../../lab/cluster.ts';
import type { Lab, LabNode } from '../../../lab/index.ts';
import {
  certificates,
  changes,
  described,
  kubeadmFiles,
  processes,
  restartControlPlane,
  run,
  servedCertificate,
  upstream,
} from '../../support/interop.ts';
import { expectWorkingCluster, runKubeadm } from '../../support/node.ts';

const names = [
  ...[
    'admin.conf',
    'apiserver',
    'apiserver-etcd-client',
    'apiserver-kubelet-client',
    'controller-manager.conf',
  ],
  ...['etcd-healthcheck-client', 'etcd-peer', 'etcd-server', 'front-proxy-client', 'scheduler.conf'],
  'super-admin.conf',
];
const files = names
  .map((name) => (name.endsWith('.conf') ? name : `pki/${name.replace(/^etcd-/, 'etcd/')}.crt`))
  .map((name) => `/etc/kubernetes/${name}`);
const keys = files.filter((name) => name.endsWith('.crt')).map((name) => name.replace(/crt$/, 'key'));

const check = 'certs check-expiration';

/** Renews all certificates, and restarts the control plane with them. */
export async function expectRenewal(lab: Lab, node: LabNode): Promise<void> {
  const first = await expectSameExpiry(node);

  const [before, old] = [await kubeadmFiles(node), await certificates(node)];
  // Dates have whole seconds, and the new ones must be later.
  await node.mustExec(['sleep', '1.1']);
  const output = await runKubeadm(node, ['certs', 'renew', 'all']);
  expect(output).toContain('[renew] Reading configuration from the "kubeadm-config" ConfigMap');
  expect(output.match(/^.* renewed$/gm)).toHaveLength(names.length);
  const renewed = await certificates(node);
  expect(changes(old, renewed)).toEqual(files.map((name) => `~ ${name}`).sort());
  expect(changes(described(old), described(renewed))).toEqual([]);
  expect(changes(before, await kubeadmFiles(node))).toEqual(
    [...files, ...keys].map((name) => `~ ${name}`).sort(),
  );

  const started = await processes(node);
  await restartControlPlane(node);
  expect((await processes(node)).split('\n').filter((line) => line && started.includes(line))).toEqual([]);
  expect(await servedCertificate(node, 6443)).toBe(renewed.get('/etc/kubernetes/pki/apiserver.crt'));
  expect(await servedCertificate(node, 2379)).toBe(renewed.get('/etc/kubernetes/pki/etcd/server.crt'));

  const second = await expectSameExpiry(node);
  for (const [name, date] of second) expect(date > (first.get(name) ?? ''), name).toBe(true);
  expect(await kubectl(node, ['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'])).toBe(
    'kubernetes-admin',
  );
  await expectWorkingCluster(lab, node);
  await proveCluster(node);
}

/** Expects the same report from both programs. Returns the expiry time of each certificate. */
async function expectSameExpiry(node: LabNode): Promise<ReadonlyMap<string, string>> {
  const [mine, theirs] = [await run(node, 'kubeadm', check), await run(node, upstream, check)];
  expect(mine.stdout).toBe(theirs.stdout);
  expect(mine.stderr).toBe('');
  const json = `${check} -o json`;
  const info = parseInfo((await run(node, 'kubeadm', json)).stdout);
  expect(info).toEqual(parseInfo((await run(node, upstream, json)).stdout));
  expect(info.certificates.map(({ name }) => name)).toEqual(names);
  return new Map(info.certificates.map(({ expirationDate, name }) => [name, expirationDate]));
}

interface Info {
  readonly certificates: readonly { readonly name: string; readonly expirationDate: string }[];
}

/** Omits the remaining time, which differs between two calls. */
function parseInfo(text: string): Info {
  return JSON.parse(text, (key, value: unknown) => (key === 'residualTime' ? undefined : value)) as Info;
}
