/** A machine in memory with the rules, links and files that a cluster leaves, and with programs that change them. */

import { createMemoryHost, type MemoryHost, type MemoryHostOptions } from '../host/memory/index.ts';
import type { Program } from '../host/memory/programs.ts';
import type { SearchContext } from './search.ts';

/** By backend, such as `iptables-nft`, and table: the lines of chains and rules, without `:` and counters. */
type Rules = Record<string, Record<string, { chains: string[]; rules: string[] }>>;

export interface FixtureLink {
  readonly kind?: string;
  readonly master?: string;
}

export interface Used {
  readonly host: MemoryHost;
  readonly rules: Rules;
  readonly links: Map<string, FixtureLink>;
  /** `ip kube-proxy` */
  readonly tables: Set<string>;
  readonly sets: Set<string>;
  /** The processes of network namespaces, by their names. */
  readonly processes: Map<string, string>;
}

export const kubeRules = {
  nat: {
    chains: [
      'PREROUTING',
      'POSTROUTING',
      'KUBE-SERVICES',
      'KUBE-SVC-A',
      'KUBE-POSTROUTING',
      'KUBE-MARK-MASQ',
    ],
    rules: [
      'PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      'PREROUTING -s 192.0.2.1/32 -m comment --comment "mine: -j KUBE-SERVICES" -j ACCEPT',
      'POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
      'KUBE-SERVICES -d 10.96.0.1/32 -p tcp -j KUBE-SVC-A',
      'KUBE-SVC-A -j KUBE-MARK-MASQ',
    ],
  },
  filter: {
    chains: ['INPUT', 'OUTPUT', 'KUBE-FIREWALL', 'MINE'],
    rules: ['INPUT -j KUBE-FIREWALL', 'OUTPUT -j KUBE-FIREWALL', 'INPUT -j MINE', 'MINE -p udp -j DROP'],
  },
} as const;

export const context: SearchContext = {
  identity: {
    servers: ['https://10.0.0.5:6443'],
    authorities: [],
    authorityFile: '/etc/kubernetes/pki/ca.crt',
  },
  certificatesDir: '/etc/kubernetes/pki',
  criSocket: 'unix:///run/x.sock',
  etcdDataDir: '/var/lib/etcd',
  afterCleanup: true,
  signal: new AbortController().signal,
};

/** @param parts of the machine that a cluster has used; without them, only the programs are there */
export function usedMachine(
  parts: {
    readonly rules?: Readonly<Record<string, typeof kubeRules | Rules[string]>>;
    readonly links?: Readonly<Record<string, FixtureLink>>;
    readonly tables?: readonly string[];
    readonly sets?: readonly string[];
    readonly processes?: Readonly<Record<string, string>>;
  } = {},
  options: MemoryHostOptions = {},
): Used {
  const rules = JSON.parse(JSON.stringify(parts.rules ?? {})) as Rules;
  const links = new Map(Object.entries(parts.links ?? {}));
  const tables = new Set(parts.tables);
  const sets = new Set(parts.sets);
  const processes = new Map(Object.entries(parts.processes ?? {}));
  const backends = ['iptables-nft', 'iptables-legacy', 'ip6tables-nft', 'ip6tables-legacy'];
  const programs: Record<string, Program> = {
    ip: (args) => runIp(args, links, processes),
    nft: (args) => runNft(args, tables),
    ipset: ([verb, name = '']) => {
      if (verb === 'destroy') return sets.delete(name) ? {} : { code: 1, stderr: 'not found' };
      return { stdout: [...sets].map((one) => `${one}\n`).join('') };
    },
    ...Object.fromEntries(
      backends.flatMap(
        (backend) =>
          [
            [`${backend}-save`, () => ({ stdout: save(rules[backend] ?? {}) })],
            [`${backend}-restore`, (_args, { input = '' }) => restore(rules[backend] ?? {}, input)],
          ] satisfies [string, Program][],
      ),
    ),
  };
  const host = createMemoryHost({
    ...options,
    programs: { ...programs, ...options.programs },
    files: { '/proc/mounts': '', ...options.files },
  });
  return { host, rules, links, tables, sets, processes };
}

function runIp(
  args: readonly string[],
  links: Map<string, FixtureLink>,
  processes: ReadonlyMap<string, string>,
): { code?: number; stdout?: string; stderr?: string } {
  const words = args.filter((word) => !word.startsWith('-')).join(' ');
  const name = args.at(-1) ?? '';
  if (words.startsWith('netns pids ')) return { stdout: processes.get(name) ?? '' };
  if (words.startsWith('link show dev ')) return links.has(name) ? {} : { code: 1, stderr: 'does not exist' };
  if (words.startsWith('link delete dev ')) {
    return links.delete(name) ? {} : { code: 1, stderr: `Cannot find device "${name}"` };
  }
  const list = [...links].map(([ifname, { kind, master }]) => ({
    ifname,
    ...(kind === undefined ? {} : { linkinfo: { info_kind: kind } }),
    ...(master === undefined ? {} : { master }),
  }));
  return { stdout: JSON.stringify(list) };
}

function runNft(
  args: readonly string[],
  tables: Set<string>,
): { code?: number; stdout?: string; stderr?: string } {
  if (args[0] === 'delete')
    return tables.delete(args.slice(2).join(' ')) ? {} : { code: 1, stderr: 'No such file' };
  const list = [...tables].map((table) => {
    const [family, name] = table.split(' ');
    return { table: { family, name } };
  });
  return { stdout: JSON.stringify({ nftables: [{ metainfo: {} }, ...list] }) };
}

function save(tables: Rules[string]): string {
  return Object.entries(tables)
    .flatMap(([table, { chains, rules }]) => [
      '# Generated by iptables-save',
      `*${table}`,
      ...chains.map(
        (chain) => `:${chain} ${/^[A-Z]+$/.test(chain) && chain !== 'MINE' ? 'ACCEPT' : '-'} [0:0]`,
      ),
      ...rules.map((rule) => `-A ${rule}`),
      'COMMIT',
    ])
    .join('\n');
}

/** As the real program with --noflush: a chain line empties the chain, and a chain that is in use cannot be deleted. */
function restore(tables: Rules[string], input: string): { code?: number; stderr?: string } {
  let table = { chains: [] as string[], rules: [] as string[] };
  const problems: string[] = [];
  for (const line of input.split('\n')) {
    const [word = '', chain = ''] = line.split(' ');
    if (word.startsWith('*')) table = tables[word.slice(1)] ?? table;
    if (word.startsWith(':'))
      table.rules = table.rules.filter((rule) => !rule.startsWith(`${word.slice(1)} `));
    if (word === '-D') {
      const at = table.rules.indexOf(line.slice(3));
      if (at < 0) problems.push(`no rule ${line}`);
      else table.rules.splice(at, 1);
    }
    if (word === '-X') {
      if (table.rules.some((rule) => rule.endsWith(`-j ${chain}`))) problems.push(`${chain} is in use`);
      table.chains = table.chains.filter((one) => one !== chain);
    }
  }
  return problems.length === 0 ? {} : { code: 1, stderr: problems.join('\n') };
}
