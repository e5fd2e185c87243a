/** Random PEM files, kubeconfig files and patches. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';

import { toYaml } from '../../../src/lib/yaml/write.ts';
import { goodToken } from './shapes.ts';
import { damaged } from './texts.ts';
import { paths } from './words.ts';

export type Content = string | Uint8Array;
/** The content of files by their paths. */
export type Files = Readonly<Record<string, Content>>;

const folder = path.join(import.meta.dirname, 'pki');

/** Certificates and keys by their names, such as `ca.crt`. They are valid from December 2026 for 98 years. */
export const pems: Readonly<Record<string, string>> = Object.fromEntries(
  globSync('*', { cwd: folder }).map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
);

function pem(name: string): string {
  const text = pems[name];
  if (text === undefined) throw new Error(`there is no ${name}`);
  return text;
}

const anyPem = fc.constantFrom(...Object.keys(pems).map(pem));

/** Bundles of certificates and keys with other text between them. */
const bundles = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: anyPem },
      fc.constantFrom('\n', 'Subject: CN=x\n', '-----BEGIN X-----\n'),
    ),
    {
      maxLength: 4,
    },
  )
  .map((parts) => parts.join(''));

function pemFile(right: string): fc.Arbitrary<Content | undefined> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.constant(pem(right)) },
    { weight: 1, arbitrary: fc.constant(undefined) },
    { weight: 2, arbitrary: anyPem },
    { weight: 2, arbitrary: bundles },
    { weight: 3, arbitrary: damaged(fc.constant(pem(right))) },
    { weight: 1, arbitrary: damaged(bundles) },
  );
}

/** The folder of certificates with right, wrong and missing files. */
export const pkiFolders: fc.Arbitrary<Files> = fc
  .record({
    'ca.crt': pemFile('ca.crt'),
    'ca.key': pemFile('ca.key'),
    'apiserver.crt': pemFile('apiserver.crt'),
    'apiserver.key': pemFile('apiserver.key'),
    'apiserver-kubelet-client.crt': pemFile('client.crt'),
    'apiserver-kubelet-client.key': pemFile('client.key'),
    'front-proxy-ca.crt': pemFile('other-ca.crt'),
    'front-proxy-ca.key': pemFile('other-ca.key'),
    'etcd/ca.crt': pemFile('ca.crt'),
    'etcd/ca.key': pemFile('ca.key'),
    'sa.key': pemFile('sa.key'),
    'sa.pub': pemFile('sa.pub'),
  })
  .map((files) =>
    Object.fromEntries(
      Object.entries(files).flatMap(([name, content]) =>
        content === undefined ? [] : [[`${paths.pki}/${name}`, content]],
      ),
    ),
  );

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const authority = fc.constantFrom<Record<string, unknown>>(
  { 'certificate-authority-data': base64(pem('ca.crt')) },
  { 'certificate-authority-data': base64(pem('ca.crt') + pem('other-ca.crt')) },
  { 'certificate-authority': `${paths.pki}/ca.crt` },
  { 'insecure-skip-tls-verify': true },
  { 'certificate-authority-data': 's3cr3t' },
  { 'certificate-authority-data': base64('nothing') },
  {},
);
const server = fc.constantFrom<unknown>(
  ...[
    'https://10.11.0.10:6443',
    'https://[fd00::1]:6443/',
    'http://10.11.0.10',
    '10.11.0.10:6443',
    'https://',
    '',
  ],
  ...[
    'https://user:s3cr3t@10.11.0.10:6443',
    'https://u%ff:s3cr3t@10.11.0.10:6443',
    'ftp://x',
    'https://a b',
    'https://10.11.0.10:99999',
    'unix:///x',
    5,
    null,
  ],
);
const user = fc.constantFrom<unknown>(
  { token: goodToken },
  { tokenFile: paths.tokenFile },
  { username: 'me', password: 's3cr3t' },
  { 'client-certificate-data': base64(pem('client.crt')), 'client-key-data': base64(pem('client.key')) },
  { 'client-certificate-data': base64(pem('client.crt')), 'client-key-data': base64(pem('ca.key')) },
  { 'client-certificate-data': 's3cr3t', 'client-key-data': 's3cr3t' },
  {
    exec: {
      command: 'aws',
      apiVersion: 'client.authentication.k8s.io/v1',
      env: [{ name: 'A', value: 's3cr3t' }],
    },
  },
  { 'auth-provider': { name: 'oidc', config: { 'id-token': 's3cr3t' } } },
  { token: ['s3cr3t'] },
  {},
  null,
);
const entryName = fc.constantFrom('kubernetes', 'me', 'other', '');

/** The text of a kubeconfig whose parts may not fit. */
const kubeconfigs = fc
  .record({
    names: fc.tuple(entryName, entryName, entryName),
    authority,
    server,
    user,
    isWhole: fc.boolean(),
    more: fc.oneof(
      { weight: 4, arbitrary: fc.constant({}) },
      fc.constantFrom<Record<string, unknown>>(
        { apiVersion: 'v2' },
        { kind: 'ConfigMap' },
        { users: {} },
        { contexts: [null] },
      ),
    ),
  })
  .map(({ authority: ca, isWhole, more, names: [a, b, c], server: url, user: who }) => {
    const [cluster, context, name] = isWhole ? ['kubernetes', 'me', 'me'] : [a, b, c];
    return toYaml({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: cluster, cluster: { ...ca, server: url } }],
      contexts: [{ name: context, context: { cluster: isWhole ? cluster : b, user: name } }],
      'current-context': isWhole ? context : c,
      users: [{ name, user: who }],
      ...more,
    });
  });

export const kubeconfigFiles: fc.Arbitrary<Content> = fc.oneof(
  { weight: 3, arbitrary: kubeconfigs },
  { weight: 2, arbitrary: damaged(kubeconfigs) },
  { weight: 1, arbitrary: damaged(kubeconfigs.map((text) => text.replace(/^/gm, ' '))) },
);

const patchNames = fc
  .tuple(
    fc.constantFrom(
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
      'etcd',
      'kubeletconfiguration',
      'x',
    ),
    fc.constantFrom('', '0', '99', '-a', '.b'),
    fc.constantFrom('', '+strategic', '+merge', '+json', '+', '+xml'),
    fc.constantFrom('.yaml', '.json', '.yml', ''),
  )
  .map((parts) => parts.join(''));

const container = fc.constantFrom<unknown>(
  { name: 'kube-apiserver', image: 'x' },
  { name: 'kube-apiserver', $patch: 'delete' },
  { name: 'other', command: ['a'] },
  { image: 'x' },
  { name: 5 },
  { name: 'etcd', env: [{ name: 'A', value: 'b' }, { $patch: 'replace' }] },
  null,
  'x',
);
const strategicPatches = fc.record(
  {
    apiVersion: fc.constantFrom<unknown>('v1', 'kubelet.config.k8s.io/v1beta1', 5),
    metadata: fc.constantFrom<unknown>(
      { labels: { a: 'b' } },
      { labels: null },
      { annotations: { a: 5 } },
      { $retainKeys: ['name'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'] },
      [],
    ),
    spec: fc.oneof(
      fc.array(container, { maxLength: 3 }).map((containers) => ({ containers })),
      fc.constantFrom<unknown>(
        { volumes: [{ name: 'etc', $patch: 'delete' }], '$setElementOrder/volumes': [{ name: 'a' }] },
        { hostNetwork: false, $patch: 'merge' },
        { $patch: 's3cr3t' },
        null,
        5,
      ),
    ),
    maxPods: fc.constantFrom<unknown>(5, '5', null),
  },
  { requiredKeys: [] },
);
const jsonPatches = fc.array(
  fc.record(
    {
      op: fc.constantFrom<unknown>('add', 'remove', 'replace', 'move', 'copy', 'test', 'bogus', 5),
      path: fc.constantFrom<unknown>(
        ...[
          '/spec/containers/0/image',
          '/metadata/labels/a~1b',
          '',
          '/',
          '/spec/containers/-',
          '/spec/containers/9',
          'x',
        ],
        ...['/spec/containers/01', '/__proto__/x', '/spec/hostNetwork', '/a~2', null],
      ),
      value: fc.jsonValue({ maxDepth: 2 }),
      from: fc.constantFrom('/spec/containers/0', '/metadata', '/spec', ''),
    },
    { requiredKeys: ['op', 'path'] },
  ),
  { maxLength: 4 },
);
const patchTexts = fc
  .tuple(fc.oneof(strategicPatches, jsonPatches, fc.jsonValue({ maxDepth: 3 })), fc.boolean())
  .map(([value, isJson]) => (isJson ? JSON.stringify(value) : toYaml(value)));

/** A folder of patches of the three types. */
export const patchFolders: fc.Arbitrary<Files> = fc
  .array(
    fc.tuple(
      patchNames,
      fc.oneof(
        { weight: 4, arbitrary: patchTexts },
        { weight: 1, arbitrary: damaged(patchTexts) },
        {
          weight: 1,
          arbitrary: fc
            .array(patchTexts, { maxLength: 3 })
            .map((list) => list.map((text) => `${text.trimEnd()}\n`).join('---\n')),
        },
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((list) => Object.fromEntries(list.map(([name, content]) => [`${paths.patches}/${name}`, content])));
