import type { controlPlaneComponents } from '../names.ts';
import { kubeApiserverPod } from './kube-apiserver.ts';
import { kubeControllerManagerPod } from './kube-controller-manager.ts';
import { kubeSchedulerPod } from './kube-scheduler.ts';
import type { Pod } from './pod.ts';
import type { ManifestInput } from './static-pod.ts';

/** A component with a static Pod on every control plane. */
export type ControlPlaneComponent = (typeof controlPlaneComponents)[number];

/** Makers of the static Pods of a control plane, without etcd. */
export const controlPlanePods: Readonly<Record<ControlPlaneComponent, (input: ManifestInput) => Pod>> = {
  'kube-apiserver': kubeApiserverPod,
  'kube-controller-manager': kubeControllerManagerPod,
  'kube-scheduler': kubeSchedulerPod,
};
