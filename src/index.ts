/**
 * kubeadm as a library for Node 24. Each command of the command line is a function `(host, request, context)`, which
 * reports its progress as events. docs/library.md has examples that the tests run, and docs/reference/api.md lists all
 * declarations.
 */

export type { JoinAccess } from './cluster/join-access.ts';
export { type CertificateExpiries, certificateExpiries } from './commands/certificate-expiries.ts';
export type { CertificateSource } from './commands/certificate-source.ts';
export {
  type ConfigText,
  type MigrateConfigResult,
  migrateConfig,
  type ValidateConfigRequest,
  validateConfig,
} from './commands/check-config.ts';
export {
  type CreateTokenRequest,
  type CreateTokenResult,
  createToken,
} from './commands/create-token.ts';
export { listImages } from './commands/list-images.ts';
export {
  type RenewCertificatesRequest,
  type RenewCertificatesResult,
  type RenewedCertificate,
  renewCertificates,
} from './commands/renew-certificates.ts';
export {
  type UserKubeconfigRequest,
  type UserKubeconfigResult,
  userKubeconfig,
} from './commands/user-kubeconfig.ts';
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
export type { KubeadmEvent, RecordedEvent } from './events.ts';
export { createMachineHost } from './host/machine/index.ts';
export { createMemoryHost, type MemoryHost, type MemoryHostOptions } from './host/memory/index.ts';
export type { Host, ReadHost } from './host.ts';
export { Secret } from './lib/secret.ts';
export type { ConfigRequest } from './phases/config-source.ts';
export type { RunContext } from './phases/execute.ts';
export type { InitRequest } from './phases/init/request.ts';
export { type InitResult, runInit } from './phases/init/run.ts';
export type { JoinRequest } from './phases/join/request.ts';
export { type JoinResult, runJoin } from './phases/join/run.ts';
export type { ResetRequest } from './phases/reset/request.ts';
export { type ResetResult, runReset } from './phases/reset/run.ts';
export type { WorkflowRequest } from './phases/run-workflow.ts';
export { runUpgradeApply, type UpgradeApplyResult } from './phases/upgrade/apply/run.ts';
export { diffUpgrade, type UpgradeDiffRequest } from './phases/upgrade/diff.ts';
export { runUpgradeNode, type UpgradeNodeResult } from './phases/upgrade/node/run.ts';
export { planUpgrade, type UpgradePlanRequest } from './phases/upgrade/plan.ts';
export type { UpgradeApplyRequest, UpgradeNodeRequest, UpgradeRequest } from './phases/upgrade/request.ts';
export type { CertificateExpiry } from './pki/expiry.ts';
export type { UpgradePlan } from './upgrade/plan.ts';
export { kubeadmVersion } from './versions.ts';
export { type WarningCode, warningMeanings } from './warnings.ts';
