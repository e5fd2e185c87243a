/** `certs` of both programs over the same control-plane node, each in a mount namespace of its own. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AsnConvert, AsnParser } from '@peculiar/asn1-schema';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { renewableCertificates } from '../../src/kubeconfig/renew.ts';
import { RequestInfo, Signed } from '../../src/pki/asn1.ts';
import { parsePem } from '../../src/pki/pem.ts';
import { describe as described, enterScript } from './record.ts';

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
  'other-fields': 'encryptionAlgorithm: ECDSA-P384\ncertificateValidityPeriod: 48h',
  names: `controlPlaneEndpoint: "cluster.example:8443"\nclusterName: blue
networking: { dnsDomain: k8s.example, serviceSubnet: "10.1.0.0/16,fd00::/112" }
etcd: { local: { dataDir: /var/lib/etcd, serverCertSANs: [etcd.example], peerCertSANs: [2001:db8::8] } }`,
  'external-etcd':
    'etcd: { external: { endpoints: ["https://192.0.2.20:2379"], caFile: /e/ca, certFile: /e/crt, keyFile: /e/key } }',
};

interface State {
  readonly node?: NodeName;
  /** Shell commands in /etc/kubernetes, before kubeadm runs. */
  readonly prepare?: string;
  /** undefined: no --config. */
  readonly config?: keyof typeof configs | undefined;
}

let count = 0;
/** Exit code when the state could not be made. */
const unprepared = 99;

/** Runs a program on a copy of the node, without a network. */
function run(program: string, args: readonly string[], { config, node = 'plain', prepare = '' }: State) {
  count += 1;
  const inside = path.join(scratch, `inside-${count}`);
  const result = path.join(scratch, `result-${count}`);
  mkdirSync(inside);
  const script = `cd /
rm -rf /etc/kubernetes && cp -a "$SOURCE" /etc/kubernetes && cd /etc/kubernetes
sh -ec "$PREPARE" || exit ${unprepared}
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
        PREPARE: prepare,
      },
    },
  );
  if (status === unprepared) throw new Error(`${prepare}: ${stderr}`);
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
    'a certificate of another kind in the place of an authority': {
      config: 'default',
      prepare: 'cp pki/apiserver.crt pki/ca.crt',
    },
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

/** That none is missing among them: test/parity/cli.test.ts holds the sub-commands against upstream's. */
const names = renewableCertificates.map(({ name }) => name);

describe('renew', () => {
  const states: Readonly<Record<string, State>> = {
    all: { config: 'default' },
    'all, by other fields of the configuration': { config: 'other-fields' },
    'all, of a cluster that does not answer': {},
    'all, with an external etcd': { config: 'external-etcd' },
    'all, of an external CA': { config: 'default', prepare: 'rm pki/ca.key' },
    'all, of external CAs': {
      config: 'default',
      prepare: 'rm pki/etcd/ca.key pki/front-proxy-ca.key',
    },
    'all, after all have expired': { node: 'expired', config: 'default' },
    'all, when some are missing': {
      config: 'default',
      prepare: 'rm pki/etcd/server.crt pki/apiserver.key scheduler.conf',
    },
    'all, with nothing there': { config: 'default', prepare: 'rm -r *' },
    'all, with other modes, a link, and more in a kubeconfig file': {
      config: 'default',
      prepare: `chmod 640 pki/apiserver.key scheduler.conf; chmod 600 pki/apiserver.crt
mv pki/etcd/peer.key pki/elsewhere; ln -s ../elsewhere pki/etcd/peer.key
sed -i 's#^    server:#    proxy-url: http://p\\n    server:#; s#^users:#users:\\n- {name: a, user: {token: t}}#' admin.conf`,
    },
    'all, after a new CA': {
      config: 'default',
      prepare: 'cp "$SOURCE"/../expired/pki/ca.* pki/',
    },
  };
  test.each(Object.entries(states))('%s', (_, state) => void expectSame('all', state));
  test.each(names)('%s', (name) => void expectSame(name, { config: 'default' }));
  test('a certificate of an external etcd', () => void expectSame('etcd-peer', { config: 'external-etcd' }));

  test.each([
    ['apiserver', 'rm pki/ca.crt'],
    ['apiserver', 'rm pki/ca.key pki/apiserver-kubelet-client.crt'],
    ['apiserver', 'echo x > pki/ca.key'],
    ['apiserver', 'cp pki/sa.key pki/ca.key'],
    ['apiserver', 'cp pki/apiserver.crt pki/ca.crt'],
    ['apiserver', 'echo x > pki/apiserver.crt'],
    ['etcd-peer', 'cp pki/etcd/ca.crt pki/etcd/peer.crt'],
    ['admin.conf', 'sed -i "s#client-certificate-data: .*#client-certificate: /x#" admin.conf'],
    ['admin.conf', 'sed -i "s#certificate-authority-data: .*#certificate-authority: /x#" admin.conf'],
    ['admin.conf', 'sed -i "s#current-context: .*#current-context: other#" admin.conf'],
    ['admin.conf', 'echo x > admin.conf'],
  ])('%s after %s', (name, prepare) => {
    expect(expectSame(name, { config: 'default', prepare })).toBe(1);
  });

  /** The exit code. */
  function expectSame(name: string, state: State): number | null | undefined {
    const [mine, theirs] = [ours, programs.kubeadm].map((program) => {
      const before = run('true', [], { ...state, config: undefined });
      const after = run(program, ['certs', 'renew', name], state);
      return { ...after, changed: changes(before.files, after.files) };
    });
    expect(mine?.changed).toEqual(theirs?.changed);
    expect(results(mine?.stdout)).toEqual(results(theirs?.stdout));
    expect(mine?.code).toBe(theirs?.code);
    for (const file of mine?.changed.keys() ?? []) expectPair(file, mine?.files);
    return mine?.code;
  }
});

describe('generate-csr', () => {
  const folder = '/etc/kubernetes/made';
  const folders = ['--cert-dir', `${folder}/pki`, '--kubeconfig-dir', folder];
  /** What it makes in an empty /etc/kubernetes, and what it prints; the order of the lines is not fixed. */
  const make = (program: string, args: readonly string[], state: State) => {
    const { code, files, stdout } = run(program, ['certs', 'generate-csr', ...args], {
      ...state,
      prepare: `rm -r *; ${state.prepare ?? ''}`,
    });
    const text = (name: string): string => files.get(name)?.text ?? '';
    const made = [...files].map(([name, { mode }]) => {
      if (name.endsWith('.csr')) {
        // The key that the request is for lies in the kubeconfig file, or beside it.
        const embedded = /client-key-data: (\S+)/.exec(text(name.replace(/\.csr$/, '')))?.[1] ?? '';
        const key = Buffer.from(embedded, 'base64').toString() || text(name.replace(/csr$/, 'key'));
        return `${name} ${mode} ${describeRequest(text(name), key)}`;
      }
      return `${name} ${mode} ${described(text(name))}`;
    });
    return { code, made: made.sort(), lines: stdout.split('\n').sort() };
  };
  const expectSame = (args: readonly string[], state: State): number | null => {
    const [mine, theirs] = [make(ours, args, state), make(programs.kubeadm, args, state)];
    expect(mine).toEqual(theirs);
    return mine.code;
  };

  test.each([
    ['the folders of the flags', folders, { config: 'default' }],
    ['the folders of the configuration', [], { config: 'default' }],
    ['other keys', folders, { config: 'other-fields' }],
    ['names by the configuration', folders, { config: 'names' }],
    ['an external etcd', folders, { config: 'external-etcd' }],
    ['folders that are there', folders, { config: 'default', prepare: 'mkdir -p -m 750 made/pki/etcd' }],
  ] as const)('%s', (_, args, state) => {
    expect(expectSame(args, state)).toBe(0);
  });

  test.each([
    'pki/etcd/peer.key',
    'pki/apiserver.csr',
    'admin.conf',
    'kubelet.conf.csr',
    'scheduler.conf.key',
  ])('%s is there', (name) => {
    const prepare = `rm -r *; mkdir -p made/pki/etcd; echo x > made/${name}`;
    const [mine, theirs] = [ours, programs.kubeadm].map((program) =>
      run(program, ['certs', 'generate-csr', ...folders], { config: 'default', prepare }),
    );
    expect([mine?.code, theirs?.code]).toEqual([1, 1]);
    // docs/differences.md: upstream has written others by then.
    const names = ['made', 'made/pki', 'made/pki/etcd', `made/${name}`].sort();
    expect([...(mine?.files.keys() ?? [])]).toEqual(names);
  });
});

/** Subject and attributes as they stand in the request, and the kind of its key, which must be the one given. */
function describeRequest(pem: string, keyPem: string): string {
  const [block] = parsePem(pem);
  const signed = AsnConvert.parse(block?.der ?? new Uint8Array(), Signed);
  const info = AsnParser.fromASN(signed.content, RequestInfo);
  const publicKey = createPublicKey({
    key: Buffer.from(info.subjectPublicKeyInfo),
    format: 'der',
    type: 'spki',
  });
  expect(publicKey.equals(createPublicKey(keyPem))).toBe(true);
  const { namedCurve, modulusLength } = publicKey.asymmetricKeyDetails ?? {};
  const attributes = info.attributes === undefined ? '' : hex(AsnConvert.serialize(info.attributes));
  return JSON.stringify({
    type: block?.type,
    subject: hex(info.subject),
    attributes,
    key: [publicKey.asymmetricKeyType, namedCurve, modulusLength],
    signature: signed.signatureAlgorithm.algorithm,
  });
}

function hex(bytes: ArrayBuffer): string {
  return Buffer.from(bytes).toString('hex');
}

type Files = ReadonlyMap<string, Found>;

/** Path -> mode and what it says now, of all that is another than before. */
function changes(before: Files, after: Files): ReadonlyMap<string, string> {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changed = paths.filter((file) => before.get(file)?.text !== after.get(file)?.text);
  return new Map(
    changed.map((file) => [file, `${after.get(file)?.mode} ${described(after.get(file)?.text ?? '')}`]),
  );
}

/** How each certificate fared; what they are called is our own wording. */
function results(stdout = ''): readonly string[] {
  return stdout.split('\n').map((line) =>
    line
      .replace(/^MISSING! .*/, 'MISSING!')
      .replace(/^\S.* renewed$/, 'renewed')
      .replace(/^(Detected external \S+, ).*( can't be renewed)$/, '$1…$2'),
  );
}

/** A certificate fits its key, and the authority that lies there has signed it. */
function expectPair(file: string, files: Files | undefined): void {
  const text = (name: string): string => files?.get(name)?.text ?? '';
  const embedded = (field: string): string =>
    Buffer.from(new RegExp(`${field}: (\\S+)`).exec(text(file))?.[1] ?? '', 'base64').toString();
  const authority = /etcd/.test(file)
    ? 'pki/etcd/ca.crt'
    : /front/.test(file)
      ? 'pki/front-proxy-ca.crt'
      : 'pki/ca.crt';
  const [pem, key] = file.endsWith('.conf')
    ? [embedded('client-certificate-data'), embedded('client-key-data')]
    : [text(file.replace(/key$/, 'crt')), text(file.replace(/crt$/, 'key')) || text('pki/elsewhere')];
  if (file === 'pki/elsewhere') return;
  const certificate = new X509Certificate(pem);
  expect(certificate.checkPrivateKey(createPrivateKey(key)), file).toBe(true);
  expect(certificate.verify(new X509Certificate(text(authority)).publicKey), file).toBe(true);
}
