import type { InitConfiguration } from '../../config/hub.ts';
import { commandArguments } from '../../lib/arguments.ts';
import { toYaml } from '../../lib/yaml/write.ts';
import { type Check, passed, warn } from '../check.ts';
import { dryArguments, refusalIn } from '../dry-form.ts';

/** The standard input of a program is a socket, which cannot be opened by its path. A pipe can. */
const kubeletBehindPipe = 'cat | kubelet "$0" "$@"';

/** A kubelet that refuses its flags or its configuration has ended by then. */
const timeoutMs = 3_000;

/** From here on, the exit code is the shell's: the program does not start, or a signal ended it. */
const notStarted = 126;

/** With the kubelet's defaults, it does not start on cgroup v1. */
const neutral = {
  apiVersion: 'kubelet.config.k8s.io/v1beta1',
  kind: 'KubeletConfiguration',
  failCgroupV1: false,
};

export interface KubeletQuestion {
  readonly node: Pick<InitConfiguration['nodeRegistration'], 'kubeletExtraArgs'>;
  /** The KubeletConfiguration; undefined if it is not known or will be patched. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Warns of flags and a configuration that the kubelet refuses. It asks the installed kubelet, which checks them and ends
 * before it opens a file or a port. Upstream has no such check.
 */
export function kubeletArguments({ data, node }: KubeletQuestion): Check {
  return {
    name: 'KubeletArguments',
    check: async ({ exec }) => {
      const flags = commandArguments([], node.kubeletExtraArgs);
      const args = dryArguments([...flags, '--config=/dev/stdin']);
      const options = { timeoutMs, input: toYaml(data ?? neutral) };
      // The check KubeletVersion reports a kubelet that does not start.
      const answer = await exec
        .probe('sh', ['-c', kubeletBehindPipe, ...args], options)
        .catch(() => undefined);
      const hasEnded = answer !== undefined && answer.code < notStarted;
      const refusal = hasEnded ? refusalIn(answer) : undefined;
      if (refusal === undefined) return passed;
      return warn(`${refusal}: correct nodeRegistration.kubeletExtraArgs or the KubeletConfiguration`);
    },
  };
}
