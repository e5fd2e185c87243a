/** The parts of the output of iptables-save that tell which rules are those of kube-proxy and the kubelet. */

export interface IptablesTable {
  readonly name: string;
  readonly chains: readonly string[];
  readonly rules: readonly IptablesRule[];
}

interface IptablesRule {
  readonly chain: string;
  /** The arguments after the chain, as iptables-restore takes them. */
  readonly spec: string;
}

/** The chains and rules of one table that belong to kube-proxy, the kubelet or kube-router. */
export interface KubeRules {
  readonly table: string;
  /** Their chains, which begin with KUBE-. */
  readonly chains: readonly string[];
  /** Their rules in other chains, which lead into these chains. */
  readonly jumps: readonly IptablesRule[];
  /** Rules that somebody else made and that lead into one of these chains, by that chain. */
  readonly foreign: ReadonlyMap<string, IptablesRule>;
}

export function parseIptablesSave(text: string): readonly IptablesTable[] {
  const tables: { name: string; chains: string[]; rules: IptablesRule[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('*')) tables.push({ name: line.slice(1).trim(), chains: [], rules: [] });
    const table = tables.at(-1);
    const chain = /^:(\S+) /.exec(line)?.[1];
    if (chain !== undefined) table?.chains.push(chain);
    const rule = /^-A (\S+) (.*)$/.exec(line);
    if (rule !== null) table?.rules.push({ chain: rule[1] ?? '', spec: rule[2] ?? '' });
  }
  return tables;
}

/** Returns undefined if the table has no chain of theirs. */
export function kubeRulesOf({ name, chains, rules }: IptablesTable): KubeRules | undefined {
  const own = chains.filter((chain) => chain.startsWith('KUBE-'));
  if (own.length === 0) return undefined;
  const jumps: IptablesRule[] = [];
  const foreign = new Map<string, IptablesRule>();
  for (const rule of rules) {
    const target = targetOf(rule);
    if (own.includes(rule.chain) || target === undefined || !own.includes(target)) continue;
    if (isOfKubernetes(rule)) jumps.push(rule);
    else foreign.set(target, rule);
  }
  return { table: name, chains: own, jumps, foreign };
}

/**
 * The input of `iptables-restore --noflush` that empties the chains, deletes the rules that lead into them, and then
 * deletes the chains. A chain that a rule of somebody else leads into cannot be deleted.
 */
export function removalOf({ chains, foreign, jumps, table }: KubeRules): string {
  return [
    `*${table}`,
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...jumps.map(({ chain, spec }) => `-D ${chain} ${spec}`),
    ...chains.filter((chain) => !foreign.has(chain)).map((chain) => `-X ${chain}`),
    'COMMIT\n',
  ].join('\n');
}

/** Chains of network plugins that are not removed, because other programs can use the same plugins. */
export function pluginChainsOf({ chains }: IptablesTable): readonly string[] {
  return chains.filter((chain) => /^(?:CNI-|cali-|FLANNEL-|CILIUM_|WEAVE|ANTREA-)/.test(chain));
}

function targetOf({ spec }: IptablesRule): string | undefined {
  return /(?:^|\s)(?:-j|-g) (\S+)/.exec(spec.replaceAll(quoted, '""'))?.[1];
}

const quoted = /"(?:[^"\\]|\\.)*"/g;

/** kube-proxy and kube-router comment each rule outside of their chains, and the kubelet makes only one kind of rule. */
function isOfKubernetes({ spec }: IptablesRule): boolean {
  if (spec === '-j KUBE-FIREWALL') return true;
  const comment = /--comment (?:"((?:[^"\\]|\\.)*)"|(\S+))/.exec(spec);
  return /^(?:kubernetes|kube-proxy|kube-router)\b/.test(comment?.[1] ?? comment?.[2] ?? '');
}
