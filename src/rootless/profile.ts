/** What each component needs to run without root. Source: cmd/kubeadm/app/util/staticpod/utils_linux.go. */
import type { ClusterConfiguration } from '../config/hub.ts';
import { joinPath } from '../lib/join-path.ts';
import type { ContainerSecurityContext, Pod } from '../manifests/pod.ts';
import { controllerManagerConf, kubernetesDir, schedulerConf } from '../names.ts';
import type { StaticPodName } from '../releases/release.ts';
import { type AccountIds, keyReadersGroup, type RootlessUser } from './accounts.ts';

export interface Ownership {
  readonly path: string;
  readonly owner: RootlessUser | 'root';
  readonly group: RootlessUser | typeof keyReadersGroup;
  /** Without a mode, the whole tree changes its owner and the modes stay. */
  readonly mode?: number;
}

export interface RootlessProfile {
  readonly user: RootlessUser;
  readonly readsServiceAccountKey: boolean;
  readonly ownerships: readonly Ownership[];
  readonly securityContext: ContainerSecurityContext;
}

const unprivileged: ContainerSecurityContext = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
};

export function rootlessProfile(
  component: StaticPodName,
  { cluster, externalCA }: { readonly cluster: ClusterConfiguration; readonly externalCA: boolean },
): RootlessProfile {
  const inCertificates = (file: string) => joinPath(cluster.certificatesDir, file);
  const serviceAccountKey: Ownership = {
    path: inCertificates('sa.key'),
    owner: 'root',
    group: keyReadersGroup,
    mode: 0o640,
  };
  const own = (user: RootlessUser, path: string): Ownership => ({
    path,
    owner: user,
    group: user,
    mode: 0o600,
  });
  switch (component) {
    case 'kube-apiserver': {
      const user = 'kubeadm-kas';
      const keys = ['apiserver.key', 'apiserver-kubelet-client.key', 'front-proxy-client.key'];
      if (cluster.etcd.external === undefined) keys.push('apiserver-etcd-client.key');
      const files = ['sa.pub', ...keys].map((file) => own(user, inCertificates(file)));
      return {
        user,
        readsServiceAccountKey: true,
        ownerships: [...files, serviceAccountKey],
        // The program file has this capability. The program cannot start unless its set includes it.
        securityContext: { capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] } },
      };
    }
    case 'kube-controller-manager': {
      const user = 'kubeadm-kcm';
      const files = [
        `${kubernetesDir}/${controllerManagerConf}`,
        ...(externalCA ? [] : [inCertificates('ca.key')]),
      ];
      return {
        user,
        readsServiceAccountKey: true,
        ownerships: [...files.map((file) => own(user, file)), serviceAccountKey],
        securityContext: unprivileged,
      };
    }
    case 'kube-scheduler': {
      const user = 'kubeadm-ks';
      return {
        user,
        readsServiceAccountKey: false,
        ownerships: [own(user, `${kubernetesDir}/${schedulerConf}`)],
        securityContext: unprivileged,
      };
    }
    case 'etcd': {
      const user = 'kubeadm-etcd';
      const dataDir = cluster.etcd.local?.dataDir;
      const data: readonly Ownership[] =
        dataDir === undefined ? [] : [{ path: dataDir, owner: user, group: user }];
      const keys = ['etcd/server.key', 'etcd/peer.key'].map((file) => own(user, inCertificates(file)));
      return {
        user,
        readsServiceAccountKey: false,
        ownerships: [...data, ...keys],
        securityContext: unprivileged,
      };
    }
  }
}

/** The Pod with the identities and rights of the profile. */
export function withRootlessSecurity(pod: Pod, profile: RootlessProfile, ids: AccountIds): Pod {
  const { user, readsServiceAccountKey, securityContext } = profile;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: pod.spec.containers.map((container, index) =>
        index === 0 ? { ...container, securityContext } : container,
      ),
      securityContext: {
        ...pod.spec.securityContext,
        runAsUser: ids.users[user],
        runAsGroup: ids.groups[user],
        ...(readsServiceAccountKey ? { supplementalGroups: [ids.groups[keyReadersGroup]] } : {}),
      },
    },
  };
}
