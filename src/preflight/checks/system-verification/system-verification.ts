import { kubeletSince } from '../../../versions.ts';
import { type Check, type CheckHost, type CheckResult, fail, passed } from '../../check.ts';
import type { KubeletVersion } from '../kubelet-version.ts';
import { checkCgroups } from './cgroups.ts';
import { checkKernelConfig, checkKernelRelease } from './kernel.ts';

/**
 * Checks the kernel, the operating system and the cgroups. Before an upgrade the kubelet counts as one minor newer than it is.
 * Source: preflight/checks.go SystemVerificationCheck, k8s.io/system-validators.
 */
export function systemVerification(
  installed: Promise<KubeletVersion>,
  { upgrade }: { readonly upgrade: boolean },
): Check {
  return {
    name: 'SystemVerification',
    check: async (host) => {
      const kubelet = await installed;
      if (typeof kubelet === 'string') return fail(kubelet);
      const minor = upgrade ? kubelet.minor + 1 : kubelet.minor;
      const refusesV1 = kubelet.major > 1 || minor >= kubeletSince.refusesCgroupV1;
      const results = [
        checkKernelRelease(host),
        await checkKernelConfig(host),
        checkOperatingSystem(host),
        await checkCgroups(host, refusesV1),
      ];
      return {
        warnings: results.flatMap(({ warnings }) => warnings),
        errors: results.flatMap(({ errors }) => errors),
      };
    },
  };
}

function checkOperatingSystem({ system }: CheckHost): CheckResult {
  const { name } = system.kernel();
  return name === 'Linux' ? passed : fail(`unsupported operating system: ${name}, only Linux can be a node`);
}
