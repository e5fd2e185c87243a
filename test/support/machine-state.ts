/** The state of a whole machine: files, mounts, network, rules of packet filters, services, containers and settings. */
import type { LabNode } from '../../lab/index.ts';
import type { State } from './interop.ts';

const folders = ['/etc', '/var', '/run', '/opt', '/usr/libexec', '/root', '/home'];

/** Prints a line `== NAME`, and after it the lines of that part. A part of a missing program is empty. */
const script = `
set -u
export LC_ALL=C
part() { echo "== $1"; shift; "$@" 2>/dev/null; }
entries() { find "$@" -xdev -printf '%p\\t%y %m %U:%G %l\\n'; }
hashes() { find "$@" -xdev -path /var/lib/containerd -prune -o -path /var/log/journal -prune -o -type f -print0 | xargs -0 sha256sum; }
mounts() { awk '{ for (i = 7; $i != "-"; i++); print $5, $(i + 1) }' /proc/self/mountinfo; }
links() { ip -o -d link | sed -E 's/^[0-9]+: ([^:@]+)[:@].*/\\1/'; }
addresses() { ip -o addr | awk '{ print $2, $3, $4 }'; }
routes() { ip route show table all; ip -6 route show table all; ip rule; ip -6 rule; }
saved() { "$1-save" | sed -nE '/^\\*/{h;d};/^(:|-A)/{s/ \\[[0-9:]+\\]$//;G;s/^(.*)\\n\\*(.*)$/\\2 \\1/p}'; }
ruleset() { nft -s list ruleset; }
units() { systemctl list-units --all --plain --no-legend | awk '{ print $1, $2, $3, $4 }'; }
unit_files() { systemctl list-unit-files --no-legend; }
processes() { ps -eo ppid=,comm= | awk -v shell=$$ '$1 != shell { print $2 }'; }
cgroups() { find /sys/fs/cgroup -mindepth 2 -type d; }
part entry entries "$@"
part hash hashes "$@"
part mount mounts
part link links
part address addresses
part route routes
for program in iptables-nft ip6tables-nft iptables-legacy ip6tables-legacy; do part $program saved $program; done
part nft ruleset
part ipset ipset list -n
part namespaces lsns -n -t net -o COMMAND
part unit units
part unit-file unit_files
part container ctr -n k8s.io containers list -q
part task ctr -n k8s.io tasks list -q
part snapshot sh -c 'ctr -n k8s.io snapshots list | tail -n +2'
part image ctr -n k8s.io images list -q
part process processes
part socket sh -c "ss -Hlntu | awk '{ print \\$1, \\$5 }'"
part cgroup cgroups
part setting sysctl -a -r '^(net|vm)\\.|^kernel\\.(panic|keys)'
true
`;

/**
 * The key of a file is `file PATH`, that of a setting `setting NAME`. Everything else has its whole line in the key, and the
 * value is the number of such lines.
 */
export async function machineState(node: LabNode): Promise<State> {
  const output = await node.mustExec(['sh', '-c', script, 'state', ...folders], { timeoutMs: 120_000 });
  const state = new Map<string, string>();
  const add = (key: string, value: string): void => {
    state.set(key, `${state.get(key) ?? ''}${value}`);
  };
  let part = '';
  let table = '';
  for (const line of output.split('\n')) {
    if (line.trim() === '') continue;
    if (line.startsWith('== ')) {
      part = line.slice(3);
    } else if (part === 'entry') {
      const [path = '', facts = ''] = line.split('\t');
      add(`file ${path}`, facts);
    } else if (part === 'hash') {
      add(`file ${line.slice(66)}`, ` ${line.slice(0, 64)}`);
    } else if (part === 'setting') {
      const [name = '', value = ''] = line.split(/ = ?/);
      add(`setting ${name}`, `${value} `);
    } else {
      if (part === 'nft' && line.startsWith('table ')) table = line.replace(' {', '');
      const words = line.trim().replace(/\s+/g, ' ');
      add(`${part} ${part === 'nft' && words !== '}' ? `${table}: ` : ''}${words}`, '+');
    }
  }
  return state;
}
