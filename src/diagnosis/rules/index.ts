/** The rules. Roots come first: nothing runs without the machine, no Pod without a kubelet, no container without a sandbox. */
import type { Rule } from '../finding.ts';
import { apiServerPort } from './api-server-port.ts';
import { cannotConnect } from './cannot-connect.ts';
import {
  certificateExpired,
  certificateKeyMismatch,
  certificateUntrusted,
  clockWrong,
} from './certificate.ts';
import { cgroupDriversDiffer } from './cgroup-drivers.ts';
import { clockDiffers } from './clock-differs.ts';
import { crashLoop } from './crash-loop.ts';
import { diskPressure } from './disk-pressure.ts';
import { endpointUnknown, endpointUnreachable, endpointWithoutRoute } from './endpoint.ts';
import { endsWithoutError } from './ends-without-error.ts';
import { etcdAlarm } from './etcd-alarm.ts';
import { etcdDamaged } from './etcd-damaged.ts';
import { etcdRejects } from './etcd-rejects.ts';
import { etcdRemoved } from './etcd-removed.ts';
import { kubeletHangs, sandboxHangs } from './hanging.ts';
import { imageMissing } from './image-missing.ts';
import { kubeletExits } from './kubelet-exits.ts';
import { kubeletHealthPort, manifestsElsewhere } from './kubelet-paths.ts';
import {
  kubeletHindered,
  kubeletMasked,
  kubeletMissing,
  kubeletNotExecutable,
  kubeletStopped,
  kubeletWithoutConfig,
} from './kubelet-unit.ts';
import { diskFull, loopbackDown, readOnlyFileSystem } from './machine.ts';
import { manifestDuplicate } from './manifest-duplicate.ts';
import { manifestMissing } from './manifest-missing.ts';
import { missingFile } from './missing-file.ts';
import { networkPluginMissing, nodeNotReady, nodeNotRegistered } from './node.ts';
import { oldCertificate } from './old-certificate.ts';
import { outOfMemory } from './out-of-memory.ts';
import { manifestUnreadable, podFailed, resolvConfMissing } from './pod-failed.ts';
import { podSandboxFailed } from './pod-sandbox-failed.ts';
import { portBlocked } from './port-blocked.ts';
import { portTaken } from './port-taken.ts';
import { proxyBetween } from './proxy-between.ts';
import { invalidFlagValue, unknownAdmissionPlugin, unknownFlag } from './refused-argument.ts';
import { runtimeStopped } from './runtime-stopped.ts';
import { sandboxFailed, sandboxImageMissing } from './sandbox-failed.ts';
import { processorLimit, slowEtcd } from './slow.ts';
import { killedFromOutside, notHealthy, notRunning, repeatedFaultInLog } from './unhealthy.ts';

export const rules: readonly Rule[] = [
  diskFull,
  readOnlyFileSystem,
  loopbackDown,
  clockWrong,
  clockDiffers,
  certificateExpired,
  certificateKeyMismatch,
  certificateUntrusted,
  runtimeStopped,
  kubeletMasked,
  kubeletMissing,
  kubeletWithoutConfig,
  kubeletNotExecutable,
  kubeletHindered,
  kubeletExits,
  kubeletStopped,
  kubeletHealthPort,
  kubeletHangs,
  manifestsElsewhere,
  resolvConfMissing,
  sandboxImageMissing,
  cgroupDriversDiffer,
  sandboxFailed,
  sandboxHangs,
  manifestMissing,
  manifestUnreadable,
  imageMissing,
  podFailed,
  outOfMemory,
  unknownFlag,
  invalidFlagValue,
  unknownAdmissionPlugin,
  missingFile,
  portTaken,
  proxyBetween,
  etcdDamaged,
  etcdRemoved,
  crashLoop,
  etcdAlarm,
  etcdRejects,
  apiServerPort,
  endpointUnknown,
  endpointWithoutRoute,
  endpointUnreachable,
  nodeNotRegistered,
  cannotConnect,
  portBlocked,
  processorLimit,
  slowEtcd,
  repeatedFaultInLog,
  endsWithoutError,
  killedFromOutside,
  oldCertificate,
  manifestDuplicate,
  networkPluginMissing,
  podSandboxFailed,
  diskPressure,
  nodeNotReady,
  notHealthy,
  notRunning,
];
