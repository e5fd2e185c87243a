/** Random configuration files: all kinds of both versions of the API, with component configurations. */
import fc from 'fast-check';

import { shapeOf } from '../../../src/config/component/index.ts';
import type { ObjectShape } from '../../../src/config/reading/shape.ts';
import { kinds as v1beta3 } from '../../../src/config/v1beta3/shapes.ts';
import { kinds as v1beta4 } from '../../../src/config/v1beta4/shapes.ts';
import { toYaml } from '../../../src/lib/yaml/write.ts';
import { ownRelease } from '../../../src/releases/index.ts';
import { fieldsOf, goodToken, type Quality } from './shapes.ts';
import { lineEnd, toFlowOfFields } from './styles.ts';
import { damaged } from './texts.ts';

type Fields = Readonly<Record<string, unknown>>;

interface Kind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly shape: ObjectShape;
}

const { componentTypes } = ownRelease;

const kinds: readonly Kind[] = [
  ...Object.entries(v1beta4).map(([kind, shape]) => ({
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    kind,
    shape: shape as ObjectShape,
  })),
  ...Object.entries(v1beta3).map(([kind, shape]) => ({
    apiVersion: 'kubeadm.k8s.io/v1beta3',
    kind,
    shape: shape as ObjectShape,
  })),
  {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    shape: shapeOf('KubeletConfiguration', componentTypes) as ObjectShape,
  },
  {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    shape: shapeOf('KubeProxyConfiguration', componentTypes) as ObjectShape,
  },
];

const node = { name: 'cp1', criSocket: 'unix:///run/containerd/containerd.sock' };
const endpoint = { advertiseAddress: '10.11.0.10' };

/** Fields that make a document complete on any machine. */
const base: Readonly<Record<string, Fields>> = {
  InitConfiguration: { localAPIEndpoint: endpoint, nodeRegistration: node },
  ClusterConfiguration: { kubernetesVersion: 'v1.36.2' },
  JoinConfiguration: {
    nodeRegistration: node,
    discovery: {
      bootstrapToken: {
        apiServerEndpoint: '10.11.0.10:6443',
        token: goodToken,
        unsafeSkipCAVerification: true,
      },
    },
  },
};

/** Names that only other versions of the API have, or none. */
const otherNames = fc.constantFrom<Fields>(
  { apiVersion: 'kubeadm.k8s.io/v1beta2' },
  { apiVersion: 'kubeadm.k8s.io/v1' },
  { apiVersion: 'v1' },
  { apiVersion: 'kubeadm.k8s.io' },
  { apiVersion: 5 },
  { apiVersion: null },
  { kind: 'Initconfiguration' },
  { kind: 'ClusterStatus' },
  { kind: 'Pod', apiVersion: 'v1' },
  { kind: null },
  { kind: ['InitConfiguration'] },
);

function documents({ apiVersion, kind, shape }: Kind, quality: Quality): fc.Arbitrary<Fields> {
  const names =
    quality === 'valid'
      ? fc.constant({})
      : fc.oneof({ weight: 30, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: otherNames });
  const isWhole = quality === 'wrong' ? fc.boolean() : fc.constant(true);
  return fc.tuple(fieldsOf(shape, quality), names, isWhole).map(([fields, changed, whole]) => ({
    ...(whole ? base[kind] : {}),
    ...fields,
    apiVersion,
    kind,
    ...changed,
  }));
}

const styles = fc.oneof(
  { weight: 5, arbitrary: fc.constant(toYaml) },
  { weight: 1, arbitrary: fc.constant(toFlowOfFields) },
  { weight: 1, arbitrary: fc.constant((value: unknown) => `${toJson(value)}\n`) },
  { weight: 1, arbitrary: lineEnd.map((end) => (value: unknown) => toYaml(value).replaceAll('\n', end)) },
);

/** Writes numbers that need 64 bits as text. */
function toJson(value: unknown): string {
  return JSON.stringify(value, (_, field: unknown) => (typeof field === 'bigint' ? String(field) : field), 2);
}

/** Files of these kinds are read together. */
const families: readonly (readonly string[])[] = [
  ['InitConfiguration', 'ClusterConfiguration', 'KubeletConfiguration', 'KubeProxyConfiguration'],
  ['InitConfiguration', 'ClusterConfiguration'],
  ['JoinConfiguration'],
  ['ResetConfiguration'],
  ['UpgradeConfiguration'],
  kinds.map(({ kind }) => kind),
];

/** Returns the text of a file with one to four documents. */
export function configs(quality: Quality): fc.Arbitrary<string> {
  const writers = kinds.map((kind) => documents(kind, quality));
  const ofFamily = (family: readonly string[], version: string): fc.Arbitrary<readonly Fields[]> => {
    const members = writers.filter((_, index) => {
      const { apiVersion = '', kind = '' } = kinds[index] ?? {};
      return family.includes(kind) && !apiVersion.endsWith(version);
    });
    if (members.length === 0) return fc.constant([]);
    return quality === 'wrong'
      ? fc.array(fc.oneof(...members), { maxLength: 4 })
      : fc
          .subarray(members, { minLength: 1, maxLength: Math.min(4, members.length) })
          .chain((chosen) => fc.tuple(...chosen));
  };
  // Without the documents of v1beta3, or without those of v1beta4.
  const lists = ['v1beta3', 'v1beta3', 'v1beta4'].flatMap((version) =>
    families.map((family) => ofFamily(family, version)),
  );
  return fc.tuple(fc.oneof(...lists), styles).map(([list, write]) => list.map(write).join('---\n'));
}

/** Files of which a third is valid, a third has few mistakes, and a third is damaged. */
export const configFiles: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  configs('valid'),
  configs('nearly valid'),
  configs('wrong'),
  damaged(configs('valid')),
);
