/** The certificates that the components of a control plane present, and the containers that run. */
import type { LabNode } from '../../lab/index.ts';
import { servedCertificate } from './interop.ts';

const servers = {
  etcd: [2379, undefined],
  'etcd for its peers': [2380, undefined],
  'kube-apiserver': [6443, undefined],
  'kube-controller-manager': [10257, '127.0.0.1'],
  'kube-scheduler': [10259, '127.0.0.1'],
} as const;

/** Key: a server. Value: its certificate as PEM. */
export type Served = Readonly<Record<keyof typeof servers, string>>;

export async function servedCertificates(node: LabNode): Promise<Served> {
  const found = await Promise.all(
    Object.entries(servers).map(async ([name, [port, address]]) => [
      name,
      await servedCertificate(node, port, address),
    ]),
  );
  return Object.fromEntries(found) as Served;
}

/** The servers whose certificate is the same in both. */
export function unchanged(before: Served, after: Served): readonly string[] {
  return Object.entries(before).flatMap(([name, pem]) => (after[name as keyof Served] === pem ? [name] : []));
}

/** The components of the control plane with another process than before, by the output of `processes`. */
export function restarted(before: string, after: string): readonly string[] {
  const old = before.split('\n');
  return after
    .split('\n')
    .filter((line) => line !== '' && !old.includes(line))
    .map((line) => line.split(' ')[0] ?? '');
}
