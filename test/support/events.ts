/** The one way to run kubeadm in a node of the scenarios: every run of init and reset writes its events, and they are checked. */
import type { LabNode, RunResult } from '../../lab/index.ts';
import type { RecordedEvent } from '../../src/events.ts';
import { expectEvents } from './event-stream.ts';

export const eventFile = '/root/events.jsonl';

export interface ExecOptions {
  readonly timeoutMs: number;
  /** A program and its arguments that run kubeadm in their turn: they come before it on the command line. */
  readonly under?: readonly string[];
}

export interface Run extends RunResult {
  /** None of a command that runs no phases, of one that is refused, and of another program than ours. */
  readonly events: readonly RecordedEvent[];
}

/**
 * Runs kubeadm in the node; the exit code is a result, 137 of a run that was killed. Another program than ours
 * (KUBEADM_UNDER_TEST) runs as it is.
 */
export async function execKubeadm(
  node: LabNode,
  args: readonly string[],
  { timeoutMs, under = [] }: ExecOptions,
): Promise<Run> {
  const argv = [...under, 'kubeadm', ...args];
  const streams = process.env.KUBEADM_UNDER_TEST === undefined && ['init', 'reset'].includes(args[0] ?? '');
  if (!streams) return { ...(await node.exec(argv, { timeoutMs })), events: [] };
  const result = await node.exec([...argv, `--output-events=json=${eventFile}`], { timeoutMs });
  const { code, stdout } = await node.exec(['sh', '-c', `cat ${eventFile} && rm ${eventFile}`]);
  return { ...result, events: expectEvents(code === 0 ? stdout : '', result, args) };
}
