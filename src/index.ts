/**
 * kubeadm as a library for Node 24. It loads a configuration, runs phases over a host, and passes on their events.
 * docs/library.md has an example that the tests run.
 */
export type {
  ClusterConfiguration,
  InitConfiguration,
  InitFamilyConfig,
  NodeRegistration,
} from './config/hub.ts';
export { type InitOverlay, loadInitFamily } from './config/load.ts';
export { clusterConfigurationYaml } from './config/write.ts';
export {
  CriError,
  type ErrorCode,
  EtcdError,
  ExecError,
  FileError,
  KubeApiError,
  KubeadmError,
  NetError,
  type Place,
} from './errors.ts';
export type { Emit, KubeadmEvent, RecordedEvent } from './events.ts';
export { createDryRun, type DryRun, type DryRunOptions } from './host/dry-run/index.ts';
export { type MadeUp, madeUp } from './host/dry-run/made-up.ts';
export type { DryRunPaths } from './host/dry-run/paths.ts';
export { createMachineHost } from './host/machine/index.ts';
export { createMemoryHost, type MemoryHost, type MemoryHostOptions } from './host/memory/index.ts';
export type { Host, ReadHost } from './host.ts';
export { requiredImages } from './images.ts';
export { Secret } from './lib/secret.ts';
export { etcdPod } from './manifests/etcd.ts';
export { kubeApiserverPod } from './manifests/kube-apiserver.ts';
export { kubeControllerManagerPod } from './manifests/kube-controller-manager.ts';
export { kubeSchedulerPod } from './manifests/kube-scheduler.ts';
export type { ConfigRequest } from './phases/config-source.ts';
export type { RunContext } from './phases/execute.ts';
export { initPhases } from './phases/init/index.ts';
export type { InitInput, InitOptions, InitPaths } from './phases/init/input.ts';
export type { InitRequest } from './phases/init/request.ts';
export { type InitResult, type JoinAccess, runInit } from './phases/init/run.ts';
export { joinPhases } from './phases/join/index.ts';
export type { JoinInput, JoinOptions, JoinPaths } from './phases/join/input.ts';
export type { JoinRequest } from './phases/join/request.ts';
export { type JoinResult, runJoin } from './phases/join/run.ts';
export type { JoinScope } from './phases/join/scope.ts';
export { nodePaths } from './phases/node-paths.ts';
export type { PhaseFlag } from './phases/phase-flag.ts';
export { resetPhases } from './phases/reset/index.ts';
export type { ResetInput, ResetOptions } from './phases/reset/input.ts';
export type { ResetRequest } from './phases/reset/request.ts';
export { type ResetResult, runReset } from './phases/reset/run.ts';
export { createRunScope, type RunScope } from './phases/run-scope.ts';
export type { WorkflowRequest } from './phases/run-workflow.ts';
export { applyPhases } from './phases/upgrade/apply/index.ts';
export { runUpgradeApply, type UpgradeApplyResult } from './phases/upgrade/apply/run.ts';
export { diffUpgrade, type UpgradeDiffRequest } from './phases/upgrade/diff.ts';
export type { ApplyInput, UpgradeInput, UpgradeOptions } from './phases/upgrade/input.ts';
export { nodePhases } from './phases/upgrade/node/index.ts';
export { runUpgradeNode, type UpgradeNodeResult } from './phases/upgrade/node/run.ts';
export { planUpgrade, type UpgradePlanRequest } from './phases/upgrade/plan.ts';
export type { UpgradeApplyRequest, UpgradeNodeRequest, UpgradeRequest } from './phases/upgrade/request.ts';
export { type CertificateSpec, certificates } from './pki/certificates.ts';
export { checkExternalAuthority } from './pki/external-ca.ts';
export { releaseOf } from './releases/index.ts';
export type { Release } from './releases/release.ts';
export type { UpgradePlan } from './upgrade/plan.ts';
export { kubeadmVersion } from './versions.ts';
export { type WarningCode, warningMeanings } from './warnings.ts';
export {
  flattenPhases,
  type OrderedPhase,
  type Phase,
  type PhaseArguments,
  type PhaseContext,
  type PhaseOrder,
} from './workflow/phase.ts';
export { PhaseFailure, type RunOptions, runPhases } from './workflow/run.ts';
export { type Selection, selectPhases } from './workflow/select.ts';
