/** Kubernetes 1.36 as kubeadm 1.36.2 deploys it. Source: cmd/kubeadm/app/{constants,features,phases} of that release. */
import { featureGates136 } from './feature-gates.ts';
import { componentTypes } from './generated/1.36/component-types.ts';
import { objectTypes } from './generated/1.36/object-types.ts';
import type { Release } from './release.ts';

export const release136: Release = {
  minor: '1.36',
  images: { etcd: '3.6.8-0', coredns: 'v1.14.2', pause: '3.10.2' },
  minimumExternalEtcd: '3.5.24-0',
  needsConntrack: false,
  featureGates: featureGates136,
  manifests: {
    'kube-apiserver': {
      flags: {},
      probes: { liveness: '/livez', readiness: '/readyz', startup: '/livez' },
    },
    'kube-controller-manager': {
      flags: {},
      probes: { liveness: '/healthz', startup: '/healthz' },
    },
    'kube-scheduler': {
      flags: {},
      probes: { liveness: '/livez', readiness: '/readyz', startup: '/livez' },
    },
    etcd: {
      // etcd 3.6 has these names. They were experimental flags in etcd 3.5.
      flags: {
        'feature-gates': 'InitialCorruptCheck=true',
        'watch-progress-notify-interval': '5s',
      },
      probes: { liveness: '/livez', readiness: '/readyz', startup: '/readyz' },
    },
  },
  componentTypes,
  objectTypes,
};
