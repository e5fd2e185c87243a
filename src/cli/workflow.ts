import type { RunContext } from '../phases/execute.ts';
import type { Invocation } from './command.ts';

/** Runs a command whose phases report to the invocation; cli/report.ts puts what they say into listed order. */
export async function shown<T>(
  { record, signal }: Invocation,
  work: (context: RunContext) => Promise<T>,
): Promise<T> {
  return await work({ signal, record: ({ event, phase }) => record(event, phase) });
}
