/** A control plane in memory whose components read their certificates as the real ones do. */
import type { KubeadmEvent } from '../events.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import { controlPlane } from '../phases/upgrade/machine.fixture.ts';
import { parseCertificates } from '../pki/files.ts';
import { machineOf, remainsOf } from '../run-record/machine.fixture.ts';
import { type RenewCertificatesRequest, renewCertificates } from './renew-certificates.ts';

export const pki = '/etc/kubernetes/pki';
export const kept = '/var/lib/kubeadm/renewal';
const atStart = ['kube-controller-manager', 'kube-scheduler'] as const;

export interface LiveNode {
  readonly host: MemoryHost;
  /** Whether the API server accepts the client certificate, as PEM. */
  accepts: (certificate: string) => boolean;
  /** Whether a component ends as soon as it is started with this kubeconfig. */
  fails: (component: string, kubeconfig: string) => boolean;
  /** Certificates that servers present instead of those in their files, as PEM by port. */
  readonly stuck: Map<number, string>;
  /** The components whose containers were ended, in order. */
  readonly ended: () => readonly string[];
}

const files: Readonly<Record<string, string>> = {
  'kube-controller-manager': '/etc/kubernetes/controller-manager.conf',
  'kube-scheduler': '/etc/kubernetes/scheduler.conf',
};

/** A node after `kubeadm init`, two hours later. */
export async function liveNode(): Promise<LiveNode> {
  const { host } = await controlPlane({ version: 'v1.36.2' });
  await host.clock.sleep(7_200_000);
  return live(host);
}

/** The machine after a power cut and a day. Its containers started before its files were written. */
export async function liveAgain({ host }: LiveNode): Promise<LiveNode> {
  const again = machineOf(remainsOf(host), 3);
  await again.clock.sleep(86_400_000);
  for (const path of Object.values(files)) again.disk.put({ [path]: again.snapshot()[path]?.text ?? '' });
  return live(again);
}

/** Gives a machine the servers and the restarts of a control plane. */
function live(host: MemoryHost): LiveNode {
  const node: LiveNode = {
    host,
    accepts: () => true,
    fails: () => false,
    stuck: new Map(),
    ended: () =>
      host.gate.writes.flatMap(({ kind, target }) =>
        kind === 'cri' ? [target.replace(/^stopContainer (.*?)(-\d+)?$/, '$1')] : [],
      ),
  };
  const serve = (port: number, path: string, address = '10.0.0.5'): void => {
    host.machine.served.set(`https://${address}:${port}`, () => {
      const pem = node.stuck.get(port) ?? host.snapshot()[path]?.text ?? '';
      return parseCertificates(pem, path).certificate.der;
    });
  };
  serve(6443, `${pki}/apiserver.crt`);
  serve(2379, `${pki}/etcd/server.crt`, '127.0.0.1');
  serve(2380, `${pki}/etcd/peer.crt`);
  host.api.intercept = ({ body, kubeconfig, verb }) => {
    const accepted = node.accepts(kubeconfig.users[0]?.clientCertificateData ?? '');
    if (verb === 'raw' && body === '/livez') {
      host.api.raw.set('/livez', { status: accepted ? 200 : 401, body: '' });
    }
    return undefined;
  };
  for (const name of atStart) startAgain(node, name);
  return node;
}

/** The kubelet starts a container that has ended. One that fails is started again when its file changes. */
function startAgain(node: LiveNode, name: (typeof atStart)[number]): void {
  const { host } = node;
  const port = name === 'kube-scheduler' ? '10259/livez' : '10257/healthz';
  const { containers } = host.runtime;
  host.machine.answers.set(`https://127.0.0.1:${port}`, () => {
    const runs = [...containers.values()].some((one) => one.name === name && one.state === 'running');
    return { status: runs ? 200 : 500, body: '' };
  });
  const start = (): void => {
    const file = host.snapshot()[files[name] ?? '']?.text ?? '';
    const isBroken = node.fails(name, file);
    const old = [...containers.values()].find((one) => one.name === name);
    if (old === undefined) return;
    containers.delete(old.id);
    const count = old.attempt + 1;
    const now = host.clock.now().getTime();
    const logPath = `/var/log/${name}-${count}.log`;
    if (isBroken) host.disk.put({ [logPath]: '2026-01-02T05:04:05Z stderr F Error: unknown flag: --nope\n' });
    const { exitCode: _, ...rest } = old;
    containers.set(`${name}-${count}`, {
      ...rest,
      id: `${name}-${count}`,
      attempt: count,
      state: isBroken ? 'exited' : 'running',
      startedAt: now + 1,
      finishedAt: isBroken ? now + 2 : 0,
      ...(isBroken ? { exitCode: 1 } : {}),
      logPath,
    });
  };
  host.gate.onWrite(({ kind, target }) => {
    if (kind === 'cri' && target.startsWith(`stopContainer ${name}`)) start();
    if (kind === 'file' && target === files[name]) {
      const exited = [...containers.values()].find((one) => one.name === name && one.state === 'exited');
      if (exited !== undefined) start();
    }
  });
}

export async function renew(
  { host }: LiveNode,
  request: RenewCertificatesRequest = {},
  signal = new AbortController().signal,
) {
  const events: KubeadmEvent[] = [];
  const record = ({ event }: { readonly event: KubeadmEvent }): void => void events.push(event);
  try {
    const result = await renewCertificates(host, request, { record, signal });
    return { events, result, error: undefined };
  } catch (error) {
    return { events, result: undefined, error };
  }
}

export function text({ host }: LiveNode, path: string): string {
  return host.snapshot()[path]?.text ?? '';
}
