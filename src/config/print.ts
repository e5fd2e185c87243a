/** The defaults of each kind for `config print`. It uses no network and does not search for a container runtime. */
import { KubeadmError } from '../errors.ts';
import { nodeNameOf } from '../lib/node-name.ts';
import { toYaml } from '../lib/yaml/write.ts';
import { defaultCriSocket } from '../names.ts';
import { ownRelease } from '../releases/index.ts';
import { currentKubernetesVersion } from '../versions.ts';
import {
  type ComponentKind,
  complete,
  componentApis,
  defaultKubelet,
  defaultKubeProxy,
} from './component/index.ts';
import { defaultCluster, defaultInit, defaultJoin, defaultReset } from './v1beta4/defaults.ts';
import { defaultUpgrade } from './v1beta4/upgrade.ts';
import { clusterDocument, initDocument, joinDocument, resetDocument, upgradeDocument } from './write.ts';

const placeholderToken = 'abcdef.0123456789abcdef';

/** Returns the documents as one text, with a line `---` between them. */
export function joinDocuments(documents: readonly unknown[]): string {
  return documents.map(toYaml).join('---\n');
}

/** @throws KubeadmError code `usage` for a kind that is not a component configuration */
export function printInitDefaults(componentKinds: readonly string[]): string {
  const init = defaultInit({
    bootstrapTokens: [{ token: placeholderToken }],
    localAPIEndpoint: { advertiseAddress: '1.2.3.4' },
    nodeRegistration: { name: 'node', criSocket: defaultCriSocket },
  });
  const cluster = defaultCluster({ kubernetesVersion: currentKubernetesVersion });
  const components = componentKinds.map((kind) => {
    if (!isComponentKind(kind)) {
      throw new KubeadmError('usage', `--component-configs needs to contain some of [${order.join(' ')}]`);
    }
    const { data } =
      kind === 'KubeletConfiguration'
        ? defaultKubelet({}, cluster)
        : defaultKubeProxy({}, cluster, init.localAPIEndpoint);
    return complete(kind, { ...data, apiVersion: componentApis[kind], kind }, ownRelease.componentTypes);
  });
  return joinDocuments([initDocument(init), clusterDocument(cluster), ...components]);
}

const order = ['KubeProxyConfiguration', 'KubeletConfiguration'];

function isComponentKind(kind: string): kind is ComponentKind {
  return order.includes(kind);
}

export function printJoinDefaults(hostname: string): string {
  return toYaml(
    joinDocument(
      defaultJoin({
        discovery: {
          bootstrapToken: {
            apiServerEndpoint: 'kube-apiserver:6443',
            token: placeholderToken,
            unsafeSkipCAVerification: true,
          },
        },
        nodeRegistration: { name: nodeNameOf(hostname), criSocket: defaultCriSocket },
      }),
    ),
  );
}

export function printResetDefaults(): string {
  return toYaml(resetDocument(defaultReset({ criSocket: defaultCriSocket })));
}

export function printUpgradeDefaults(): string {
  return toYaml(upgradeDocument(defaultUpgrade({})));
}
