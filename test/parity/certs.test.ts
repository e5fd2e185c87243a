/** `certs` of both programs over the same control-plane node, each in a mount namespace of its own. */
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { enterScript } from './record.ts';

const ours = path.resolve(import.meta.dirname, '../../dist/kubeadm');
const { programs } = await ensureComponents({ set: 'compare' });
const scratch = mkdtempSync(path.join(tmpdir(), 'kubeadm-certs-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const configOf = (certificatesDir: string, cluster = ''): string => `apiVersion: kubeadm.k8s.io/v1beta4
kind: InitConfiguration
localAPIEndpoint: { advertiseAddress: 192.0.2.10 }
nodeRegistration: { name: cp1 }
---
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: v1.36.2
certificatesDir: ${certificatesDir}
apiServer: { certSANs: [api.example, 2001:db8::7, 192.0.2.9] }
${cluster}
`;

/** What lies in /etc/kubernetes, as upstream made it. */
const nodes = { plain: '', expired: 'certificateValidityPeriod: 1s\ncaCertificateValidityPeriod: 1s' };
type NodeName = keyof typeof nodes;

function upstream(args: readonly string[]): void {
  const { status, stderr } = spawnSync(programs.kubeadm, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: ${stderr}`);
}

beforeAll(() => {
  for (const [name, cluster] of Object.entries(nodes)) {
    const folder = path.join(scratch, name);
    mkdirSync(folder);
    const config = path.join(scratch, `${name}.yaml`);
    writeFileSync(config, configOf(`${folder}/pki`, cluster));
    upstream(['init', 'phase', 'certs', 'all', '--config', config]);
    upstream(['init', 'phase', 'kubeconfig', 'all', '--config', config, '--kubeconfig-dir', folder]);
  }
  for (const [name, cluster] of Object.entries(configs)) {
    writeFileSync(path.join(scratch, `config-${name}.yaml`), configOf('/etc/kubernetes/pki', cluster));
  }
});

const configs = {
  default: '',
  'external-etcd':
    'etcd: { external: { endpoints: ["https://192.0.2.20:2379"], caFile: /e/ca, certFile: /e/crt, keyFile: /e/key } }',
};

interface State {
  readonly node?: NodeName;
  /** Shell commands in /etc/kubernetes, before kubeadm runs. */
  readonly prepare?: string;
  /** undefined: no --config. */
  readonly config?: keyof typeof configs;
}

let count = 0;

/** Runs a program on a copy of the node, without a network. */
function run(program: string, args: readonly string[], { config, node = 'plain', prepare = '' }: State) {
  count += 1;
  const inside = path.join(scratch, `inside-${count}`);
  const result = path.join(scratch, `result-${count}`);
  mkdirSync(inside);
  const script = `cd /
rm -rf /etc/kubernetes && cp -a "$SOURCE" /etc/kubernetes && cd /etc/kubernetes
${prepare}
cd / && code=0; "$@" || code=$?
cp -a /etc/kubernetes "$RESULT" && exit $code`;
  const given = config === undefined ? [] : ['--config', path.join(scratch, `config-${config}.yaml`)];
  const { status, stderr, stdout } = spawnSync(
    'unshare',
    [
      ...['--mount', '--net', 'sh', '-c', enterScript, 'enter', inside],
      ...['sh', '-ec', script, 'run', program, ...args, ...given],
    ],
    {
      encoding: 'utf8',
      env: {
        PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
        HOME: '/root',
        SOURCE: path.join(scratch, node),
        RESULT: result,
      },
    },
  );
  const files = filesBelow(result);
  rmSync(result, { recursive: true });
  return { code: status, stdout, stderr, files };
}

interface Found {
  readonly mode: string;
  readonly text: string;
}

function filesBelow(folder: string): ReadonlyMap<string, Found> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return new Map(
    names.map((name) => {
      const stat = lstatSync(path.join(folder, name));
      const text = stat.isFile() ? readFileSync(path.join(folder, name), 'utf8') : '';
      return [name, { mode: stat.mode.toString(8), text }];
    }),
  );
}

describe('check-expiration', () => {
  const states: Readonly<Record<string, State>> = {
    'a node': { config: 'default' },
    'a node whose cluster does not answer': {},
    'a folder without anything': { prepare: 'rm -r *' },
    'an external etcd': { config: 'external-etcd' },
    'keys of authorities that are elsewhere': {
      config: 'default',
      prepare: 'rm pki/ca.key pki/etcd/ca.key pki/front-proxy-ca.key',
    },
    'a certificate and a kubeconfig file less': {
      config: 'default',
      prepare: 'rm pki/apiserver.crt pki/etcd/server.crt scheduler.conf',
    },
    'an external CA and a certificate less': {
      config: 'default',
      prepare: 'rm pki/ca.key pki/apiserver.crt',
    },
    'an authority less': { config: 'default', prepare: 'rm pki/front-proxy-ca.crt' },
    'an authority less, and what it signed': {
      config: 'default',
      prepare: 'rm pki/front-proxy-ca.crt pki/front-proxy-client.crt',
    },
    'a broken certificate': { config: 'default', prepare: 'echo x > pki/etcd/peer.crt' },
    'a folder for a certificate': {
      config: 'default',
      prepare: 'rm pki/etcd/peer.crt; mkdir pki/etcd/peer.crt',
    },
    'a client certificate in a file of its own': {
      config: 'default',
      prepare: 'sed -i "s#client-certificate-data: .*#client-certificate: /x#" admin.conf',
    },
    'an authority that is none': { config: 'default', prepare: 'cp pki/apiserver.crt pki/ca.crt' },
    'certificates that have expired': { node: 'expired', config: 'default' },
    'certificates of an external CA that have expired': {
      node: 'expired',
      config: 'default',
      prepare: 'rm pki/ca.key',
    },
  };
  const expectSame = (format: string, state: State): void => {
    const args = ['certs', 'check-expiration', '-o', format];
    const [mine, theirs] = [ours, programs.kubeadm].map((program) => run(program, args, state));
    expect(withoutTime(mine?.stdout)).toBe(withoutTime(theirs?.stdout));
    expect(mine?.code).toBe(theirs?.code);
  };
  test.each(Object.entries(states))('%s', (_, state) => expectSame('text', state));
  test.each(['json', 'yaml'])('%s', (format) => {
    expectSame(format, { config: 'default', prepare: 'rm pki/etcd/ca.key scheduler.conf' });
    expectSame(format, {});
    expectSame(format, { node: 'expired', config: 'external-etcd' });
  });
});

/** Without the residual time, which goes by between the two. */
function withoutTime(stdout = ''): string {
  return stdout
    .replace(/(UTC +)\d\w+ +/g, '$1TIME ')
    .replace(/("?residualTime"?: )-?\d+/g, (text, name: string) =>
      text.endsWith(': 0') ? text : `${name}TIME`,
    );
}
