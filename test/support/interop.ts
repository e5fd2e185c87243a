/** A node with both kubeadms on it, and all of it that two tools have to agree on. */
import { ensureComponents } from '../../components/index.ts';
import { kubectl } from '../../lab/cluster.ts';
import type { Lab, LabNode, LabOptions, RunResult } from '../../lab/index.ts';
import { LabError } from '../../lab/index.ts';
import { describeCertificate } from './certificate.ts';
import { execKubeadm } from './events.ts';
import { fileList, withNode, writeConfig } from './node.ts';

/** Name of upstream's kubeadm in the node, beside ours. */
export const upstream = 'kubeadm-upstream';

/** What init makes and reset takes away again, and where this kubeadm keeps the record of a run. */
const folders = ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd', '/var/lib/kubeadm'];

/** What a name held before, or holds now. */
export type State = ReadonlyMap<string, string>;

/** A lab whose first node has both programs and a configuration for them. */
export async function withBoth(
  use: (lab: Lab, node: LabNode) => Promise<void>,
  options: Partial<LabOptions> = {},
): Promise<void> {
  const { programs } = await ensureComponents({ set: 'compare' });
  await withNode(async (lab, node) => {
    for (const one of lab.nodes) await one.copyIn(programs.kubeadm, `/usr/local/bin/${upstream}`);
    await writeConfig(lab, node);
    await use(lab, node);
  }, options);
}

/** Runs one of the two; the exit code is a result. */
export async function attempt(node: LabNode, program: string, command: string): Promise<RunResult> {
  const args = command.split(' ');
  const options = { timeoutMs: 300_000 };
  return program === upstream
    ? await node.exec([program, ...args], options)
    : await execKubeadm(node, args, options);
}

/** Runs one of the two; it must succeed. */
export async function run(node: LabNode, program: string, command: string): Promise<RunResult> {
  const result = await attempt(node, program, command);
  if (result.code !== 0) {
    throw new LabError(`${program} ${command}: exit code ${result.code}\n${result.stdout}${result.stderr}`);
  }
  return result;
}

/** Path -> mode, owner and hash, of everything below the folders of a cluster. */
export async function nodeFiles(node: LabNode): Promise<State> {
  const lines = (await fileList(node, folders)).split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const),
  );
}

/** `nodeFiles` without what the kubelet and etcd write by themselves. */
export async function kubeadmFiles(node: LabNode): Promise<State> {
  const own =
    /^\/etc\/kubernetes|^\/var\/lib\/kubelet\/(?:[^/]+\.(?:yaml|env)|pki\/.*)$|^\/var\/lib\/kubeadm/;
  return new Map([...(await nodeFiles(node))].filter(([path]) => own.test(path)));
}

const kinds = [
  ...['nodes', 'pods', 'configmaps', 'secrets', 'serviceaccounts', 'services', 'daemonsets', 'deployments'],
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings', 'certificatesigningrequests'],
];

interface KubeObject {
  readonly kind: string;
  readonly metadata: Readonly<Record<string, unknown>> & {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly status?: unknown;
}

/**
 * `<Kind> <namespace>/<name>` -> the object without its status. The uid and the time of creation are in it: an object
 * that was removed and made again is another one, and so is a Pod that was started anew.
 */
export async function clusterObjects(node: LabNode): Promise<State> {
  const list = JSON.parse(await kubectl(node, ['get', kinds.join(','), '-A', '-o', 'json'])) as {
    readonly items: readonly KubeObject[];
  };
  return new Map(
    list.items.map((object) => {
      const { kind, metadata } = object;
      const name = [metadata.namespace, metadata.name].filter((part) => part !== undefined).join('/');
      return [`${kind} ${name}`, JSON.stringify(withoutCourse(object))] as const;
    }),
  );
}

/**
 * Without what controllers add: signatures of cluster-info, one for each token, and the revision of a Deployment,
 * which every update by a kubeadm takes away and which counts as a new generation. ReplicaSet and Pods stay.
 */
function withoutCourse({ status: _, ...object }: KubeObject): unknown {
  const { annotations, generation, managedFields: _m, resourceVersion: _r, ...metadata } = object.metadata;
  const without = (values: Readonly<Record<string, string>> | undefined, name: RegExp): unknown =>
    values && Object.fromEntries(Object.entries(values).filter(([key]) => !name.test(key)));
  return {
    ...object,
    metadata: {
      ...metadata,
      annotations: without(annotations ?? {}, /^deployment\.kubernetes\.io\/revision$/),
      ...(object.kind !== 'Deployment' && { generation }),
    },
    data: without(object.data, /^jws-kubeconfig-/),
  };
}

/** `+ name`, `- name`, `~ name` for what came, went and changed; the ids of tokens are written as ID. */
export function changes(before: State, after: State): readonly string[] {
  const plain = (name: string): string => name.replace(/(bootstrap-token-)[a-z0-9]{6}$/, '$1ID');
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${before.has(name) ? (after.has(name) ? '~' : '-') : '+'} ${plain(name)}`)
    .sort();
}

/** Path -> the PEM of each certificate below /etc/kubernetes, those inside the kubeconfig files included. */
export async function certificates(node: LabNode): Promise<State> {
  const script =
    'for f in $(find /etc/kubernetes -name "*.crt"); do echo "== $f"; cat "$f"; done; ' +
    'for f in /etc/kubernetes/*.conf; do echo "== $f"; ' +
    'sed -n "s/.*client-certificate-data: //p" "$f" | base64 -d; done';
  const output = await node.mustExec(['sh', '-ec', script]);
  const found = output.matchAll(
    /^== (\S+)\n(-----BEGIN CERTIFICATE-----\n[^=]*(?:=+\n)?-----END CERTIFICATE-----\n)/gm,
  );
  return new Map([...found].map(([, path = '', pem = '']) => [path, pem] as const));
}

/** `certificates` as what they say, without serial numbers, dates and keys. */
export function described(pems: State): State {
  return new Map([...pems].map(([path, pem]) => [path, describeCertificate(pem)] as const));
}

const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** Component -> process id: another one after a restart. */
export async function processes(node: LabNode): Promise<string> {
  return await node.mustExec([
    'sh',
    '-c',
    'for p; do echo "$p $(pidof "$p")"; done',
    'pids',
    ...controlPlane,
  ]);
}

/**
 * Ends the containers of the control plane, so that the kubelet starts each anew, and waits until the API answers. At
 * once: an API server that is asked to end waits for its clients, for a minute.
 */
export async function restartControlPlane(node: LabNode): Promise<void> {
  const script = `pids() { for p; do pidof "$p" || true; done; }
old=$(pids "$@"); kill -KILL $old
for p; do
  until new=$(pidof "$p") && ! echo "$old" | grep -qx "$new"; do sleep 0.1; done
done
until kubectl --kubeconfig /etc/kubernetes/admin.conf --request-timeout 2s get --raw /readyz; do sleep 0.2; done`;
  await node.mustExec(['sh', '-ec', script, 'restart', ...controlPlane], { timeoutMs: 120_000 });
}

/** The certificate that a server of the node presents, as PEM. */
export async function servedCertificate(node: LabNode, port: number): Promise<string> {
  const script = `openssl s_client -connect "$1" </dev/null 2>/dev/null | openssl x509`;
  const address = `${node.addresses.ipv4 ?? ''}:${port}`;
  return await node.mustExec(['sh', '-c', script, 'served', address]);
}

/** Names of the containers that run: none after a reset. */
export async function tasks(node: LabNode): Promise<string> {
  return (await node.mustExec(['ctr', '-n', 'k8s.io', 'tasks', 'list', '-q'])).trim();
}
