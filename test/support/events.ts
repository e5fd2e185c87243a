/**
 * Runs kubeadm in a node of the scenarios. Every run of init, join, reset, `upgrade apply` and `upgrade node` writes its
 * events, and they are checked.
 */
import type { LabNode, RunResult } from '../../lab/index.ts';
import type { RecordedEvent } from '../../src/events.ts';
import { expectEvents } from './event-stream.ts';

export const eventFile = '/root/events.jsonl';

export interface ExecOptions {
  readonly timeoutMs: number;
  /** A program with its arguments that starts kubeadm. They come first on the command line. */
  readonly under?: readonly string[];
}

export interface Run extends RunResult {
  /** Empty for a command without phases, for a refused one, and for another program. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Runs kubeadm in the node and returns any exit code, 137 if it was killed. Another program (KUBEADM_UNDER_TEST) runs
 * without events.
 */
export async function execKubeadm(
  node: LabNode,
  args: readonly string[],
  { timeoutMs, under = [] }: ExecOptions,
): Promise<Run> {
  const argv = [...under, 'kubeadm', ...args];
  const streams = process.env.KUBEADM_UNDER_TEST === undefined && hasEvents(args);
  if (!streams) return { ...(await node.exec(argv, { timeoutMs })), events: [] };
  const result = await node.exec([...argv, `--output-events=json=${eventFile}`], { timeoutMs });
  const { code, stdout } = await node.exec(['sh', '-c', `cat ${eventFile} && rm ${eventFile}`]);
  return { ...result, events: expectEvents(code === 0 ? stdout : '', result, args) };
}

function hasEvents([command = '', subcommand = '']: readonly string[]): boolean {
  if (command === 'upgrade') return ['apply', 'node'].includes(subcommand);
  return ['init', 'join', 'reset'].includes(command);
}
