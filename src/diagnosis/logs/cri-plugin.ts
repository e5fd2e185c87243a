import { withKernelLimit } from './kernel-limit.ts';

/** containerd 2.x has the name of the plug-in in the field `id`, and 1.x has it in the message. */
const failed = /\bmsg="failed to load plugin[^"]*" error="((?:[^"\\]|\\.)*)"/;
const plugin = 'io.containerd.grpc.v1.cri';

/**
 * Why containerd runs without its CRI plug-in, in its own words. Undefined if its log does not tell, for example because the
 * configuration disables the plug-in.
 *
 * @param log lines of containerd's log, oldest first
 */
export function criPluginFault(log: readonly string[]): string | undefined {
  const line = log.findLast((one) => failed.test(one) && one.includes(plugin));
  const error = failed.exec(line ?? '')?.[1]?.replace(/\\(.)/g, '$1');
  if (error === undefined) return undefined;
  return withKernelLimit(error.replace(/^unable to load CRI \w+ service plugin dependency: /, ''));
}
