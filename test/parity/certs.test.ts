/** Runs `certs` of both programs on the same control-plane node, each in its own mount namespace. */
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

/** The nodes, whose /etc/kubernetes upstream has made. Each has these fields of ClusterConfiguration. */
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
}, 120_000);

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
  /** Shell commands that run in /etc/kubernetes before kubeadm. */
  readonly prepare?: string;
  /** The configuration for --config. The flag is not set if this is undefined. */
  readonly config?: keyof typeof configs | undefined;
}

let count = 0;
/** The exit code if `prepare` fails. */
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
    'an empty folder': { prepare: 'rm -r *' },
    'an external etcd': { config: 'external-etcd' },
    'missing keys of authorities': {
      config: 'default',
      prepare: 'rm pki/ca.key pki/etcd/ca.key pki/front-proxy-ca.key',
    },
    'a missing certificate and a missing kubeconfig file': {
      config: 'default',
      prepare: 'rm pki/apiserver.crt pki/etcd/server.crt scheduler.conf',
    },
    'an external CA and a missing certificate': {
      config: 'default',
      prepare: 'rm pki/ca.key pki/apiserver.crt',
    },
    'a missing authority': { config: 'default', prepare: 'rm pki/front-proxy-ca.crt' },
    'a missing authority with its missing certificates': {
      config: 'default',
      prepare: 'rm pki/front-proxy-ca.crt pki/front-proxy-client.crt',
    },
    'a broken certificate': { config: 'default', prepare: 'echo x > pki/etcd/peer.crt' },
    'a folder in the place of a certificate': {
      config: 'default',
      prepare: 'rm pki/etcd/peer.crt; mkdir pki/etcd/peer.crt',
    },
    'a client certificate in a separate file': {
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
  test.each(Object.entries(states))('both programs show the same for %s', (_, state) =>
    expectSame('text', state),
  );
  test.each([
    'json',
    'yaml',
    'kyaml',
    'jsonpath={range .certificates[*]}{.name}{"\t"}{.expirationDate}{"\t"}{.caName}{"\n"}{end}',
    'jsonpath={.certificates[?(@.missing==true)].name}',
    'jsonpath={.certificates..name} {.certificateAuthorities[-1:].name}',
    "jsonpath-as-json={.certificates[*]['name','missing']}",
    'go-template={{range .certificates}}{{if not .missing}}{{printf "%-30s %s\n" .name .expirationDate}}{{end}}{{end}}',
    'go-template={{range $i, $c := .certificates}}{{$i}} {{with $c.caName}}{{.}}{{else}}none{{end}};{{end}}',
    'go-template={{range .certificateAuthorities}}{{gt .residualTime 86400}} {{.expirationDate}},{{end}}',
  ])('both programs print the same for %s', (format) => {
    expectSame(format, { config: 'default', prepare: 'rm pki/etcd/ca.key scheduler.conf' });
    expectSame(format, {});
    expectSame(format, { node: 'expired', config: 'external-etcd' });
  });
});

/** Removes the residual time, which differs between the two runs. */
function withoutTime(stdout = ''): string {
  return stdout
    .replace(/(UTC +)\d\w+ +/g, '$1TIME ')
    .replace(/("?residualTime"?: )-?\d+/g, (text, name: string) =>
      text.endsWith(': 0') ? text : `${name}TIME`,
    );
}

/** test/parity/cli.test.ts checks that upstream has the same sub-commands, so no name is missing. */
const names = renewableCertificates.map(({ name }) => name);

describe('renew', () => {
  const states: Readonly<Record<string, State>> = {
    all: { config: 'default' },
    'other fields of the configuration': { config: 'other-fields' },
    'a cluster that does not answer': {},
    'an external etcd': { config: 'external-etcd' },
    'an external CA': { config: 'default', prepare: 'rm pki/ca.key' },
    'external CAs': {
      config: 'default',
      prepare: 'rm pki/etcd/ca.key pki/front-proxy-ca.key',
    },
    'expired certificates': { node: 'expired', config: 'default' },
    'missing certificates': {
      config: 'default',
      prepare: 'rm pki/etcd/server.crt pki/apiserver.key scheduler.conf',
    },
    'an empty folder': { config: 'default', prepare: 'rm -r *' },
    'other modes, a link, and further fields in a kubeconfig file': {
      config: 'default',
      prepare: `chmod 640 pki/apiserver.key scheduler.conf; chmod 600 pki/apiserver.crt
mv pki/etcd/peer.key pki/elsewhere; ln -s ../elsewhere pki/etcd/peer.key
sed -i 's#^    server:#    proxy-url: http://p\\n    server:#; s#^users:#users:\\n- {name: a, user: {token: t}}#' admin.conf`,
    },
    'a new CA': {
      config: 'default',
      prepare: 'cp "$SOURCE"/../expired/pki/ca.* pki/',
    },
  };
  test.each(Object.entries(states))(
    'both programs renew the same certificates with %s',
    (_, state) => void expectSame('all', state),
  );
  test.each(names)('both programs renew %s', (name) => void expectSame(name, { config: 'default' }));
  test('both programs refuse to renew a certificate of an external etcd', () =>
    void expectSame('etcd-peer', { config: 'external-etcd' }));

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
  ])('both programs refuse to renew %s after %s', (name, prepare) => {
    expect(expectSame(name, { config: 'default', prepare })).toBe(1);
  });

  /** Returns the exit code. */
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
  /** Returns the files that the program makes in an empty /etc/kubernetes, and its sorted output. */
  const make = (program: string, args: readonly string[], state: State) => {
    const { code, files, stdout } = run(program, ['certs', 'generate-csr', ...args], {
      ...state,
      prepare: `rm -r *; ${state.prepare ?? ''}`,
    });
    const text = (name: string): string => files.get(name)?.text ?? '';
    const made = [...files].map(([name, { mode }]) => {
      if (name.endsWith('.csr')) {
        // The key of the request is in the kubeconfig file, or beside it.
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
    ['existing folders', folders, { config: 'default', prepare: 'mkdir -p -m 750 made/pki/etcd' }],
  ] as const)('both programs make the same files for %s', (_, args, state) => {
    expect(expectSame(args, state)).toBe(0);
  });

  test.each([
    'pki/etcd/peer.key',
    'pki/apiserver.csr',
    'admin.conf',
    'kubelet.conf.csr',
    'scheduler.conf.key',
  ])('both programs refuse to overwrite %s', (name) => {
    const prepare = `rm -r *; mkdir -p made/pki/etcd; echo x > made/${name}`;
    const [mine, theirs] = [ours, programs.kubeadm].map((program) =>
      run(program, ['certs', 'generate-csr', ...folders], { config: 'default', prepare }),
    );
    expect([mine?.code, theirs?.code]).toEqual([1, 1]);
    // Upstream has written other files before it fails. docs/differences.md lists this.
    const names = ['made', 'made/pki', 'made/pki/etcd', `made/${name}`].sort();
    expect([...(mine?.files.keys() ?? [])]).toEqual(names);
  });
});

/** Returns the subject, the attributes and the key type of a request. Checks that its key is `keyPem`. */
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

/** Returns the mode and a description of each file that changed, by its path. */
function changes(before: Files, after: Files): ReadonlyMap<string, string> {
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  const changed = paths.filter((file) => before.get(file)?.text !== after.get(file)?.text);
  return new Map(
    changed.map((file) => [file, `${after.get(file)?.mode} ${described(after.get(file)?.text ?? '')}`]),
  );
}

/** Returns the result of each certificate without its name, because the wording of names differs. */
function results(stdout = ''): readonly string[] {
  return stdout.split('\n').map((line) =>
    line
      .replace(/^MISSING! .*/, 'MISSING!')
      .replace(/^\S.* renewed$/, 'renewed')
      .replace(/^(Detected external \S+, ).*( can't be renewed)$/, '$1…$2'),
  );
}

/** Checks that a certificate belongs to its key, and that the authority among the files has signed it. */
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
