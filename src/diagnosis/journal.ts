/** Finds failures to pull an image and to make a sandbox in the kubelet's journal, in the wording of kubelet 1.31 to 1.36. */
import { redact } from '../lib/redact.ts';
import type { PullFailure, SandboxFailure } from './facts.ts';
import { parseKlog } from './klog.ts';

export interface JournalFailures {
  readonly pulls: readonly PullFailure[];
  readonly sandboxes: readonly SandboxFailure[];
}

/** `lines` are the oldest first. `at` is their time in milliseconds since the wait began. */
export function journalFailures(lines: readonly string[], at: number): JournalFailures {
  const pulls: PullFailure[] = [];
  const sandboxes: SandboxFailure[] = [];
  for (const line of lines) {
    const parsed = parseKlog(line);
    if (parsed === undefined) continue;
    const { err = '', image, pod } = parsed.fields;
    // kuberuntime: remote_image.go, kuberuntime_sandbox.go, pod_workers.go
    if (parsed.message === 'PullImage from image service failed' && image !== undefined) {
      pulls.push({ image, message: redact(plain(err)), never: false, at });
    } else if (parsed.message === 'Failed to create sandbox for pod' && pod !== undefined) {
      sandboxes.push({ pod, message: redact(plain(err)), at });
    } else if (err.includes('ErrImageNeverPull')) {
      const missing = /Container image \\*"([^"\\]+)\\*" is not present/.exec(err)?.[1];
      if (missing !== undefined) {
        pulls.push({ image: missing, message: 'its imagePullPolicy is Never', never: true, at });
      }
    }
  }
  return { pulls, sandboxes };
}

/** Removes gRPC's frame and the id of the sandbox. */
function plain(error: string): string {
  return error
    .replace(/^rpc error: code = \w+ desc = /, '')
    .replace(/^failed to (start|create|setup network for) sandbox "[0-9a-f]{64}": /, '');
}
