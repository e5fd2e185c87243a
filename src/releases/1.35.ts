/**
 * Kubernetes 1.35 as kubeadm 1.36.2 deploys it, with the images, manifests and types of its own minor.
 * A kubeadm 1.35 may deploy other images. Source: cmd/kubeadm/app/constants of 1.36.2, SupportedEtcdVersion.
 */
import { release136 } from './1.36.ts';
import type { Release } from './release.ts';

export const release135: Release = { ...release136, minor: '1.35' };
