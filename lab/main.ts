/** `./lab/lab`: the lab from the shell. */
import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import {
  backendsInUse,
  balance,
  createLab,
  deleteLab,
  installPodNetwork,
  kubeadmConfig,
  type Lab,
  LabError,
  listLabs,
  type NodeSpec,
  openLab,
  prune,
} from './index.ts';

const help = `Disposable Kubernetes nodes on this machine: systemd, containerd and kubelet in namespaces of their own.

Usage: lab COMMAND

  create [--id ID] [--nodes N] [--hosts N] [--balancer] [--ipv6 | --dual-stack] [--kubeadm PATH]
         [--kubernetes VERSION]
                             a lab with N nodes n1, n2 ... (default 1), N bare hosts h1 ..., and a balancer lb in
                             front of n1; PATH (default dist/kubeadm, when it is there) becomes /usr/bin/kubeadm
                             of the nodes
  exec ID NODE [--] COMMAND  run a command in a node, on this terminal
  copy ID FROM TO            copy a file or folder; the one in the node is written NODE:PATH
  logs ID NODE [--unit UNIT] the journal of a node, or of one of its units
  pod-network ID [NODE]      after init in NODE (default: the first), and after every join: CNI and routes
  balance ID NODE ...        let the balancer lb use the API servers of exactly these nodes; without nodes: print
                             those that answer
  cut ID NODE NODE           drop all packets between two nodes
  heal ID [NODE NODE]        end that cut, or all cuts
  impair ID NODE [--loss PERCENT] [--delay MS]
                             drop a share of the packets to and from a node, and delay those to it; without
                             options: end both
  power ID NODE off|on       end all processes of a node at once, or boot it again
  list                       all labs and their nodes
  delete ID ...              end and remove labs
  prune                      remove the leftovers of killed runs; labs that are in use stay

State: \${XDG_STATE_HOME:-~/.local/state}/kubeadm-ts/lab. The lab needs root. lab/README.md has more.
`;

type Command = (args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, Command>> = {
  create,
  exec,
  copy,
  logs,
  'pod-network': podNetwork,
  balance: balanceNodes,
  cut,
  heal,
  impair,
  power,
  list,
  delete: remove,
  prune: pruneAll,
};

async function create(args: readonly string[]): Promise<number> {
  const { values } = parse(args, 0, 0);
  const components = await ensureComponents({
    ...(values.kubernetes === undefined ? {} : { kubernetes: values.kubernetes }),
    report: createTextReport(process.stderr),
  });
  const built = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist', 'kubeadm');
  const kubeadm =
    values.kubeadm === undefined ? (existsSync(built) ? built : undefined) : resolve(values.kubeadm);
  const start = performance.now();
  const lab = await createLab({
    ...(values.id === undefined ? {} : { id: values.id }),
    nodes: [
      ...named('n', count('--nodes', values.nodes ?? '1')).map(
        (name): NodeSpec => ({ name, ...(kubeadm === undefined ? {} : { kubeadm }) }),
      ),
      ...named('h', count('--hosts', values.hosts ?? '0')).map((name): NodeSpec => ({ name, kind: 'host' })),
      ...(values.balancer === true ? [{ name: balancerName, kind: 'host' } as const] : []),
    ],
    network: {
      ...(values.ipv6 === true ? { ipv4: false } : {}),
      ipv6: values.ipv6 === true || values['dual-stack'] === true,
    },
    components,
    keep: true,
    report: print,
  });
  const systems = lab.nodes.filter(({ kind }) => kind === 'node');
  for (const node of systems) {
    const text = kubeadmConfig(lab.adaptations, {
      addresses: node.addresses,
      kubernetes: components.kubernetes,
      ...(values.balancer === true ? { cluster: { controlPlaneEndpoint: `${balancerName}:6443` } } : {}),
    });
    await node.writeFile(configPath, text, 0o600);
  }
  if (values.balancer === true) await balance(lab.node(balancerName), systems.slice(0, 1));
  print(`lab ${lab.id} is up after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  describe(lab, kubeadm !== undefined);
  return 0;
}

const configPath = '/root/kubeadm.yaml';
const balancerName = 'lb';

function describe(lab: Lab, withKubeadm: boolean): void {
  for (const { name, kind, addresses } of lab.nodes) {
    const where = [addresses.ipv4, addresses.ipv6].filter((address) => address !== undefined).join(', ');
    print(`  ${name}  ${where}${kind === 'host' ? '  (bare host)' : ''}`);
  }
  print(`Adapted to this machine, in ${configPath} of each node and in its containerd:`);
  for (const { what, why } of lab.adaptations.list) print(`  - ${what}\n    ${why}`);
  const first = lab.nodes.find(({ kind }) => kind === 'node')?.name;
  if (first !== undefined) {
    print('Use it:');
    if (!withKubeadm) print(`  ./lab/lab copy ${lab.id} PATH/TO/kubeadm ${first}:/usr/bin/kubeadm`);
    print(`  ./lab/lab exec ${lab.id} ${first} -- kubeadm init --config ${configPath}`);
    print(`  ./lab/lab pod-network ${lab.id}`);
    print(`  ./lab/lab exec ${lab.id} ${first} -- kubectl get nodes`);
    print(`  ./lab/lab exec ${lab.id} ${first} -- bash`);
  }
  print(`  ./lab/lab delete ${lab.id}`);
}

async function exec(args: readonly string[]): Promise<number> {
  const [id, name, ...rest] = args;
  const argv = rest[0] === '--' ? rest.slice(1) : rest;
  if (id === undefined || name === undefined || argv.length === 0) throw usage('exec ID NODE [--] COMMAND');
  return (await openLab(id)).node(name).attach(argv);
}

async function copy(args: readonly string[]): Promise<number> {
  const [id = '', from = '', to = ''] = parse(args, 3, 3).positionals;
  const lab = await openLab(id);
  const source = inNode(from);
  const target = inNode(to);
  if (target !== undefined && source === undefined) {
    const path = target.path.endsWith('/') ? `${target.path}${basename(from)}` : target.path;
    await lab.node(target.node).copyIn(resolve(from), path);
  } else if (source !== undefined && target === undefined) {
    await lab.node(source.node).copyOut(source.path, resolve(to));
  } else throw usage('copy ID FROM TO: exactly one of them is NODE:PATH');
  return 0;
}

function inNode(text: string): { readonly node: string; readonly path: string } | undefined {
  const found = /^([a-z0-9-]+):(\/.*)$/.exec(text);
  return found === null ? undefined : { node: found[1] ?? '', path: found[2] ?? '' };
}

async function logs(args: readonly string[]): Promise<number> {
  const { positionals, values } = parse(args, 2, 3);
  const [id = '', name = '', unit = values.unit] = positionals;
  process.stdout.write(await (await openLab(id)).node(name).logs(unit === undefined ? {} : { unit }));
  return 0;
}

async function podNetwork(args: readonly string[]): Promise<number> {
  const [id = '', from] = parse(args, 1, 2).positionals;
  await installPodNetwork(await openLab(id), from === undefined ? {} : { from });
  return 0;
}

async function balanceNodes(args: readonly string[]): Promise<number> {
  const [id = '', ...names] = parse(args, 1, 100).positionals;
  const lab = await openLab(id);
  const balancer = lab.node(balancerName);
  if (names.length > 0) await balance(balancer, names.map(lab.node));
  else for (const name of await backendsInUse(balancer)) print(name);
  return 0;
}

async function cut(args: readonly string[]): Promise<number> {
  const [id = '', one = '', other = ''] = parse(args, 3, 3).positionals;
  await (await openLab(id)).cut(one, other);
  return 0;
}

async function heal(args: readonly string[]): Promise<number> {
  const [id = '', one, other] = parse(args, 1, 3).positionals;
  if (one !== undefined && other === undefined) throw usage('heal ID [NODE NODE]: two nodes or none');
  await (await openLab(id)).heal(one === undefined || other === undefined ? undefined : [one, other]);
  return 0;
}

async function impair(args: readonly string[]): Promise<number> {
  const { positionals, values } = parse(args, 2, 2);
  const [id = '', name = ''] = positionals;
  const number = (flag: string, text: string | undefined): number => {
    if (text !== undefined && !/^\d+(\.\d+)?$/.test(text)) throw usage(`${flag} ${text}: not a number`);
    return Number(text ?? '0');
  };
  const lossPercent = number('--loss', values.loss);
  await (await openLab(id)).impair(name, { lossPercent, delayMs: number('--delay', values.delay) });
  return 0;
}

async function power(args: readonly string[]): Promise<number> {
  const [id = '', name = '', state = ''] = parse(args, 3, 3).positionals;
  const lab = await openLab(id);
  if (state === 'off') await lab.cutPower(name);
  else if (state === 'on') await lab.boot(name);
  else throw usage(`power ID NODE off|on: ${JSON.stringify(state)} is neither`);
  return 0;
}

async function list(args: readonly string[]): Promise<number> {
  parse(args, 0, 0);
  for (const { id, state, created, kubernetes, nodes } of await listLabs()) {
    print(`${id}  ${state}  ${kubernetes ?? ''}  ${created ?? ''}`);
    for (const { name, kind, running, addresses } of nodes) {
      print(`  ${name}  ${kind}  ${running ? 'running' : 'stopped'}  ${addresses.join(', ')}`);
    }
  }
  return 0;
}

async function remove(args: readonly string[]): Promise<number> {
  const { positionals } = parse(args, 1, 100);
  const known = (await listLabs()).map(({ id }) => id);
  const unknown = positionals.filter((id) => !known.includes(id));
  if (unknown.length > 0) throw new LabError(`no lab ${unknown.join(', ')} (./lab/lab list shows all)`);
  for (const id of positionals) await deleteLab(id);
  return 0;
}

async function pruneAll(args: readonly string[]): Promise<number> {
  parse(args, 0, 0);
  const removed = await prune();
  print(removed.length === 0 ? 'nothing to remove' : `removed ${removed.join(', ')}`);
  return 0;
}

function parse(args: readonly string[], least: number, most: number) {
  const parsed = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      id: { type: 'string' },
      nodes: { type: 'string' },
      hosts: { type: 'string' },
      balancer: { type: 'boolean' },
      loss: { type: 'string' },
      delay: { type: 'string' },
      ipv6: { type: 'boolean' },
      'dual-stack': { type: 'boolean' },
      kubeadm: { type: 'string' },
      kubernetes: { type: 'string' },
      unit: { type: 'string' },
    },
  });
  const given = parsed.positionals.length;
  if (given < least || given > most)
    throw usage(given < least ? 'arguments are missing' : 'too many arguments');
  return parsed;
}

function named(letter: string, number: number): readonly string[] {
  return Array.from({ length: number }, (_, index) => `${letter}${index + 1}`);
}

function count(flag: string, text: string): number {
  if (!/^\d{1,2}$/.test(text)) throw usage(`${flag} ${text}: a number of at most two digits`);
  return Number(text);
}

function usage(message: string): LabError {
  return new LabError(`${message}\nSee ./lab/lab --help`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

async function main(args: readonly string[]): Promise<number> {
  const [name = '--help', ...rest] = args;
  if (
    name === '--help' ||
    name === '-h' ||
    (name === 'exec' ? rest.slice(0, 1) : rest).some((one) => one === '--help' || one === '-h')
  ) {
    process.stdout.write(help);
    return 0;
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw usage(`no command ${name}`);
  return command(rest);
}

// A reader that ends early, such as head, is not an error.
process.stdout.on('error', () => {});
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`lab: ${describeError(error)}\n`);
  return 1;
});
