/** A node with both kubeadms, and the state that the two must agree on. */
import { ensureComponents } from '../../components/index.ts';
import { kubectl } from '../../lab/cluster.ts';
import type { Lab, LabNode, LabOptions, RunResult } from '../../lab/index.ts';
import { LabError } from '../../lab/index.ts';
import { describeCertificate } from './certificate.ts';
import { execKubeadm } from './events.ts';
import { fileList, withNode, writeConfig } from './node.ts';

/** Name of upstream's kubeadm in the node. */
export const upstream = 'kubeadm-upstream';

/** Folders that init fills and reset empties, and the folder with the record of a run. */
const folders = ['/etc/kubernetes', '/var/lib/kubelet', '/var/lib/etcd', '/var/lib/kubeadm'];

/** Key: a name. Value: its state at one instant. */
export type State = ReadonlyMap<string, string>;

/** Starts a lab whose first node has both programs and a configuration for them. */
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

/** Runs one of the two, and returns any exit code. */
export async function attempt(node: LabNode, program: string, command: string): Promise<RunResult> {
  const args = command.split(' ');
  const options = { timeoutMs: 300_000 };
  return program === upstream
    ? await node.exec([program, ...args], options)
    : await execKubeadm(node, args, options);
}

/** Runs one of the two, and fails if it does. */
export async function run(node: LabNode, program: string, command: string): Promise<RunResult> {
  const result = await attempt(node, program, command);
  if (result.code !== 0) {
    throw new LabError(`${program} ${command}: exit code ${result.code}\n${result.stdout}${result.stderr}`);
  }
  return result;
}

/** Key: path. Value: mode, owner and hash. Contains everything below the folders of a cluster. */
export async function nodeFiles(node: LabNode): Promise<State> {
  const lines = (await fileList(node, folders)).split('\n').filter((line) => line !== '');
  return new Map(
    lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const),
  );
}

/** `nodeFiles` without the files of the kubelet and etcd. */
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
 * Key: `<Kind> <namespace>/<name>`. Value: the object without its status, but with uid and creation time. So an object or
 * Pod that was deleted and created again differs.
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
 * Removes values that controllers add: the signatures of cluster-info, one for each token, and the revision of a
 * Deployment. Every update by a kubeadm removes the revision, which counts as a new generation. ReplicaSet and Pods stay.
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

/** Returns `+ name`, `- name` and `~ name` for added, removed and changed names. Token ids are written as ID. */
export function changes(before: State, after: State): readonly string[] {
  const plain = (name: string): string => name.replace(/(bootstrap-token-)[a-z0-9]{6}$/, '$1ID');
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => `${before.has(name) ? (after.has(name) ? '~' : '-') : '+'} ${plain(name)}`)
    .sort();
}

/** Key: path. Value: each certificate below /etc/kubernetes as PEM, including those in kubeconfig files. */
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

/** Describes the certificates without serial numbers, dates and keys. */
export function described(pems: State): State {
  return new Map([...pems].map(([path, pem]) => [path, describeCertificate(pem)] as const));
}

const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

/** The process id of each component, which changes with a restart. */
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
 * Kills the containers of the control plane, so that the kubelet restarts each, and waits until the API answers. It uses
 * SIGKILL, because an API server that ends normally waits a minute for its clients.
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

/** The certificate that a server of the node presents, as PEM. The address defaults to that of the node. */
export async function servedCertificate(
  node: LabNode,
  port: number,
  address: string = node.addresses.ipv4 ?? '',
): Promise<string> {
  const script = `openssl s_client -connect "$1" </dev/null 2>/dev/null | openssl x509`;
  return await node.mustExec(['sh', '-c', script, 'served', `${address}:${port}`]);
}

/** Names of the running containers; empty after a reset. */
export async function tasks(node: LabNode): Promise<string> {
  return (await node.mustExec(['ctr', '-n', 'k8s.io', 'tasks', 'list', '-q'])).trim();
}
