/** Clusters of many nodes: a lab with a balancer, control planes and workers, and joins with either kubeadm. */
import { type Components, ensureComponents, ensurePrograms } from '../../components/index.ts';
import { kubectl } from '../../lab/cluster.ts';
import {
  balance,
  createLab,
  installPodNetwork,
  joinDocument,
  type KubeadmConfigOptions,
  kubeadmConfig,
  type Lab,
  type LabNode,
  type LabOptions,
  type NodeSpec,
  yamlDocument,
} from '../../lab/index.ts';
import { members } from './etcd.ts';
import { run, tasks, upstream } from './interop.ts';
import { configFile, kubeadm } from './node.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The commands of the two programs, which are in every node. */
export type Program = 'kubeadm' | typeof upstream;

/** The program that joins control planes in the scenarios. */
export const joining: Program = 'kubeadm';

export interface MachinesOptions {
  /** Defaults to 1. */
  readonly controlPlanes?: number;
  /** Defaults to 0. */
  readonly workers?: number;
  /** More machines, such as the hosts of an external etcd. */
  readonly more?: readonly NodeSpec[];
  /** The programs of each node whose name is a key, if they are not those of this release. */
  readonly components?: Readonly<Record<string, Components>>;
  readonly lab?: Partial<Pick<LabOptions, 'components' | 'network' | 'report'>>;
}

/** The machines of one cluster. A cluster with several control planes has a balancer in front of them. */
export interface Machines {
  readonly lab: Lab;
  /** The first one runs init. */
  readonly controlPlanes: readonly LabNode[];
  readonly workers: readonly LabNode[];
  readonly balancer: LabNode;
  /** The version of the cluster, such as `v1.36.2`. */
  readonly kubernetes: string;
  /** `lb:6443` */
  readonly endpoint: string;
}

/** What a node needs to join: from the output of init. */
export interface Invitation {
  readonly token: string;
  readonly caCertHashes: readonly string[];
  /** Undefined without `--upload-certs`. */
  readonly certificateKey: string | undefined;
}

/** The programs of a node whose kubelet is one minor older than the cluster. */
export async function withOlderKubelet(components: Components): Promise<Components> {
  const { kubelet } = await ensurePrograms(['kubelet'], { kubernetes: '1.35' });
  return { ...components, programs: { ...components.programs, kubelet } };
}

/** Creates the machines, passes them to `use`, and deletes them afterwards. */
export async function withMachines<T>(
  use: (machines: Machines) => Promise<T>,
  options: MachinesOptions = {},
): Promise<T> {
  const components = options.lab?.components ?? (await ensureComponents());
  const { programs } = await ensureComponents({ set: 'compare' });
  const named = (letters: string, count: number): readonly NodeSpec[] =>
    Array.from({ length: count }, (_, index) => {
      const name = `${letters}${index + 1}`;
      const own = options.components?.[name];
      return { name, kubeadm, ...(own === undefined ? {} : { components: own }) };
    });
  const lab = await createLab({
    components,
    ...options.lab,
    nodes: [
      ...named('cp', options.controlPlanes ?? 1),
      ...named('w', options.workers ?? 0),
      ...(options.more ?? []),
      { name: 'lb', kind: 'host' },
    ],
  });
  try {
    const systems = lab.nodes.filter(({ kind }) => kind === 'node');
    await Promise.all(systems.map((node) => node.copyIn(programs.kubeadm, `/usr/local/bin/${upstream}`)));
    const ofKind = (pattern: RegExp): readonly LabNode[] => systems.filter(({ name }) => pattern.test(name));
    const [controlPlanes, workers, balancer] = [ofKind(/^cp\d+$/), ofKind(/^w\d+$/), lab.node('lb')];
    await balance(balancer, controlPlanes);
    const { kubernetes } = components;
    return await use({ lab, controlPlanes, workers, balancer, kubernetes, endpoint: 'lb:6443' });
  } finally {
    await lab.delete();
  }
}

/** The control plane that runs init. */
export function first({ controlPlanes }: Machines): LabNode {
  const [node] = controlPlanes;
  if (node === undefined) throw new RangeError('there is no control plane');
  return node;
}

export interface InitOptions {
  /** Defaults to this kubeadm. */
  readonly program?: Program;
  /** More arguments. Defaults to `--upload-certs`. */
  readonly args?: readonly string[];
  readonly fields?: Omit<KubeadmConfigOptions, 'addresses' | 'kubernetes'>;
}

/** Runs init on the first control plane, installs the Pod network there, and returns what other nodes need to join. */
export async function initFirst(machines: Machines, options: InitOptions = {}): Promise<Invitation> {
  const node = first(machines);
  await writeInitConfig(machines, options.fields);
  const args = options.args ?? ['--upload-certs'];
  const command = ['init', '--config', configFile, ...args].join(' ');
  const { stdout } = await run(node, options.program ?? 'kubeadm', command);
  await installPodNetwork(machines.lab, { from: node.name });
  return readInvitation(stdout);
}

/** Writes the configuration for init with the balancer as the endpoint of the control plane. */
export async function writeInitConfig(
  { endpoint, kubernetes, ...machines }: Machines,
  fields: InitOptions['fields'] = {},
): Promise<void> {
  const node = first({ endpoint, kubernetes, ...machines });
  const text = kubeadmConfig(machines.lab.adaptations, {
    addresses: node.addresses,
    kubernetes,
    ...fields,
    cluster: { controlPlaneEndpoint: endpoint, ...fields.cluster },
  });
  await node.writeFile(configFile, text, 0o600);
}

/** Reads the join command in the output of init. @throws Error if it has none */
export function readInvitation(output: string): Invitation {
  const token = /--token (\S+)/.exec(output)?.[1];
  const hashes = [...output.matchAll(/--discovery-token-ca-cert-hash (\S+)/g)].map(([, hash = '']) => hash);
  if (token === undefined || hashes.length === 0) throw new Error(`no join command in:\n${output}`);
  const certificateKey = /--certificate-key (\S+)/.exec(output)?.[1];
  return { token, caCertHashes: [...new Set(hashes)], certificateKey };
}

export interface JoinOptions {
  /** Defaults to this kubeadm for a worker, and to `joining` for a control plane. */
  readonly program?: Program;
  /** Fields of `controlPlane`, or true for a control plane with uploaded certificates. Defaults to a worker. */
  readonly controlPlane?: Fields | boolean;
  /** The field `discovery`. Defaults to the token and the hashes of the invitation. */
  readonly discovery?: Fields;
  /** Top-level fields of the JoinConfiguration. */
  readonly join?: Fields;
  /** More arguments. */
  readonly args?: readonly string[];
  /** A control plane with the administrator's file, for the Pod network. Defaults to the first one. */
  readonly from?: LabNode;
}

/** Writes the configuration for the join of a node. */
export async function writeJoinConfig(
  { endpoint, lab }: Machines,
  node: LabNode,
  { invitation, ...options }: JoinOptions & { readonly invitation: Invitation },
): Promise<void> {
  const { caCertHashes, certificateKey, token } = invitation;
  const document = joinDocument(lab.adaptations, {
    addresses: node.addresses,
    discovery: options.discovery ?? {
      bootstrapToken: { apiServerEndpoint: endpoint, token, caCertHashes },
    },
    controlPlane: options.controlPlane === true ? { certificateKey } : options.controlPlane || undefined,
    join: options.join,
  });
  await node.writeFile(configFile, yamlDocument(document), 0o600);
}

/** Joins a node and installs the Pod network on it. Returns the seconds of the join alone. */
export async function joinNode(
  machines: Machines,
  node: LabNode,
  options: JoinOptions & { readonly invitation: Invitation },
): Promise<number> {
  await writeJoinConfig(machines, node, options);
  const started = performance.now();
  const command = ['join', '--config', configFile, ...(options.args ?? [])].join(' ');
  await run(node, options.program ?? (options.controlPlane ? joining : 'kubeadm'), command);
  const seconds = (performance.now() - started) / 1000;
  await connectPods(machines, node, options.from);
  return seconds;
}

/**
 * Installs the Pod network of a node that has joined. Like upstream's, the join of a worker ends with the certificate of its
 * kubelet, so that the Node may come later.
 */
export async function connectPods(
  machines: Machines,
  node: LabNode,
  from: LabNode = first(machines),
): Promise<void> {
  await kubectl(from, ['wait', '--for=create', `node/${node.name}`, '--timeout=60s'], { timeoutMs: 70_000 });
  await installPodNetwork(machines.lab, { from: from.name });
}

/** Waits until all Nodes of the cluster are Ready, and expects exactly these. */
export async function expectReady(machines: Machines, nodes: readonly LabNode[]): Promise<void> {
  const admin = first(machines);
  await kubectl(admin, ['wait', '--for=condition=Ready', 'nodes', '--all', '--timeout=120s'], {
    timeoutMs: 130_000,
  });
  const names = (await kubectl(admin, ['get', 'nodes', '-o', 'jsonpath={.items[*].metadata.name}'])).split(
    ' ',
  );
  const wanted = nodes.map(({ name }) => name).sort();
  if (names.sort().join(' ') !== wanted.join(' '))
    throw new Error(`the cluster has the Nodes ${names.join(', ')} and not ${wanted.join(', ')}`);
}

/**
 * Joins the other control planes one after the other, then the workers. Control planes download the uploaded certificates.
 * Returns the seconds of each node by its name.
 */
export async function joinAll(
  machines: Machines,
  options: Pick<JoinOptions, 'join'> & {
    readonly invitation: Invitation;
    /** Defaults to the program of `joinNode`. */
    readonly programOf?: ((node: LabNode) => Program) | undefined;
  },
): Promise<Readonly<Record<string, number>>> {
  const { programOf, ...common } = options;
  const seconds: Record<string, number> = {};
  for (const node of [...machines.controlPlanes.slice(1), ...machines.workers]) {
    const controlPlane = machines.controlPlanes.includes(node);
    const program = programOf?.(node) ?? (controlPlane ? joining : 'kubeadm');
    seconds[node.name] = await joinNode(machines, node, { ...common, controlPlane, program });
  }
  return seconds;
}

/** All nodes, in the order in which they are reset: the workers, and then the control planes, the first one last. */
export function allNodes({ controlPlanes, workers }: Machines): readonly LabNode[] {
  return [...workers, ...controlPlanes.toReversed()];
}

/** Resets every node, and expects that neither a member of etcd nor a container is left. */
export async function expectResets(machines: Machines, program: Program = 'kubeadm'): Promise<void> {
  await resetNodes(machines, allNodes(machines), program);
  for (const node of allNodes(machines)) {
    const left = await tasks(node);
    if (left !== '') throw new Error(`after its reset, ${node.name} has the containers ${left}`);
  }
}

/** Resets the nodes one after the other, and expects after each that etcd has no member of it. Returns the seconds of each. */
export async function resetNodes(
  machines: Machines,
  nodes: readonly LabNode[],
  program: Program = 'kubeadm',
): Promise<Readonly<Record<string, number>>> {
  const seconds: Record<string, number> = {};
  const left = machines.controlPlanes.filter((node) => !nodes.includes(node));
  for (const [index, node] of nodes.entries()) {
    const started = performance.now();
    await run(node, program, 'reset -f');
    seconds[node.name] = (performance.now() - started) / 1000;
    const rest = [...left, ...nodes.slice(index + 1)].filter((one) => machines.controlPlanes.includes(one));
    const [witness] = rest;
    if (witness === undefined || !(await hasLocalEtcd(witness))) continue;
    const names = (await members(witness)).map(({ name }) => name).sort();
    const wanted = rest.map(({ name }) => name).sort();
    if (names.join(' ') !== wanted.join(' '))
      throw new Error(`after the reset of ${node.name}, etcd has the members ${names.join(', ')}`);
  }
  return seconds;
}

async function hasLocalEtcd(node: LabNode): Promise<boolean> {
  return (await node.exec(['test', '-e', '/etc/kubernetes/manifests/etcd.yaml'])).code === 0;
}
