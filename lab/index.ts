/**
 * Disposable nodes on one Linux machine. Each is a systemd host in its own namespaces. `createLab` is the entry point,
 * and `./lab` is the same for the shell.
 */

export { backendsInUse, balance } from './balancer.ts';
export type { JoinConfigOptions, KubeadmConfigOptions } from './kubeadm-config.ts';
export { joinDocument, kubeadmConfig, kubeadmDocuments, yamlDocument } from './kubeadm-config.ts';
export type { Lab, LabOptions, NodeSpec } from './lab.ts';
export { createLab, deleteLab, openLab } from './lab.ts';
export type { Adaptation, Adaptations, Machine } from './machine.ts';
export { adaptations, inspectMachine } from './machine.ts';
export type { NetworkSpec, NodeAddresses } from './network.ts';
export type { LabNode } from './node.ts';
export type { PodNetworkOptions } from './pod-network.ts';
export { installPodNetwork } from './pod-network.ts';
export type { LabState, LabSummary } from './prune.ts';
export { listLabs, prune } from './prune.ts';
export type { RunOptions, RunResult } from './run.ts';
export { LabError } from './run.ts';
export type { Impairment } from './traffic.ts';
