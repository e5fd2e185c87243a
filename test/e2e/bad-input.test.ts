/** Invalid input on a real node: one message, exit code 1, nothing written. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { createLab, type Lab, type LabNode } from '../../lab/index.ts';
import { execKubeadm } from '../support/events.ts';
import { fileList, kubeadm, nodeName, unitStates } from '../support/node.ts';

const input = '/root/bad.yaml';
const folders = ['/etc', '/var/lib/kubelet', '/var/lib/etcd', '/root', '/opt', '/tmp', '/run/kubeadm'];
const head = 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nkubernetesVersion: v1.36.2\n';
const initHead = 'apiVersion: kubeadm.k8s.io/v1beta4\nkind: InitConfiguration\n';
/** Ten lists with ten aliases each, which would expand to ten thousand million entries. */
const bomb = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 9 }, (_, index) => {
    const aliases = Array.from({ length: 10 }, () => `*a${index}`).join(', ');
    return `a${index + 1}: &a${index + 1} [${aliases}]`;
  }),
].join('\n');

let lab: Lab;
let node: LabNode;

beforeAll(async () => {
  lab = await createLab({ components: await ensureComponents(), nodes: [{ name: nodeName, kubeadm }] });
  node = lab.node(nodeName);
});

afterAll(async () => {
  await lab.delete();
});

interface Bad {
  readonly what: string;
  /** The text of the input, or else a shell command (`make`) that creates it. */
  readonly text?: string;
  readonly make?: string;
  readonly args?: readonly string[];
  readonly message: RegExp;
}

const cases: readonly Bad[] = [
  { what: 'a value of a wrong type', text: `${head}clusterName: [a]\n`, message: /clusterName/ },
  { what: 'a file that is not there', make: 'true', message: /bad\.yaml.*no such file/i },
  { what: 'a directory', make: `mkdir ${input}`, message: /bad\.yaml.*is a directory/i },
  {
    what: 'binary garbage',
    make: `head -c 65536 /dev/urandom > ${input}`,
    message: /bad\.yaml.*(not text in UTF-8|NUL bytes)/,
  },
  {
    what: '100 MB',
    make: `head -c 104857600 /dev/zero | tr '\\0' '#' > ${input}`,
    message: /bad\.yaml.*100 MiB.*at most/,
  },
  { what: 'an alias bomb', text: `${head}${bomb}\n`, message: /bad\.yaml.*alias/i },
  {
    what: 'a bad CIDR',
    text: `${head}networking:\n  podSubnet: 10.0.0.0/99\n`,
    message: /podSubnet.*10\.0\.0\.0\/99/,
  },
  {
    what: 'a port out of range',
    text: `${initHead}localAPIEndpoint:\n  advertiseAddress: 10.88.0.10\n  bindPort: 70000\n`,
    message: /bindPort|70000/,
  },
  {
    what: 'a file without a kind of kubeadm',
    text: 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n',
    message: /kind/,
  },
  { what: 'an unknown phase', args: ['init', 'phase', 'no-such-phase'], message: /no-such-phase/ },
  { what: 'an unknown flag', args: ['init', '--no-such-flag'], message: /unknown flag: --no-such-flag/ },
];

test.each(cases)('the input is refused with one error: $what', async ({ text, make, args, message }) => {
  await node.mustExec(['rm', '-rf', input]);
  if (text !== undefined) await node.writeFile(input, text);
  if (make !== undefined) await node.mustExec(['sh', '-c', make]);
  const before = [await fileList(node, folders), await unitStates(node)];
  const result = await execKubeadm(node, args ?? ['init', '--config', input], {
    timeoutMs: 60_000,
  });
  expect(result.code, result.stderr).toBe(1);
  expect(result.stderr).toMatch(message);
  // Matches the stack traces of Go, of Node and of upstream.
  expect(result.stderr).not.toMatch(/^\s+at .+:\d+|goroutine \d+|runtime\.main|\.ts:\d+/m);
  expect(result.stderr.match(/^(error|Error)\b/gim)?.length ?? 0).toBeLessThanOrEqual(1);
  expect(result.stderr.length).toBeLessThan(4000);
  expect([await fileList(node, folders), await unitStates(node)]).toEqual(before);
});
