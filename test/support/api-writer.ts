/** A client that writes to the API all the time, and counts what was acknowledged, refused and lost. */
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

import { kubectl } from '../../lab/cluster.ts';
import { LabError, type LabNode } from '../../lab/index.ts';

export interface WriteReport {
  /** The objects whose creation the API server has confirmed with 201. */
  readonly acknowledged: number;
  /** The requests that failed or had no answer in time. */
  readonly failed: number;
  /** The names of acknowledged objects that the cluster no longer has. */
  readonly lost: readonly string[];
  /** The longest time without an acknowledgement, in milliseconds. */
  readonly longestGapMs: number;
  readonly errors: Readonly<Record<string, number>>;
}

export interface ApiWriter {
  /** The acknowledged objects up to now. */
  readonly acknowledged: () => number;
  /** Ends the client and looks for each acknowledged object with the administrator's file of that node. */
  readonly stop: (node: LabNode) => Promise<WriteReport>;
}

const program = path.resolve(import.meta.dirname, 'api-writer-program.ts');
export const writerNamespace = 'written';

/**
 * Starts the client in the network of a node that stays up, such as the balancer. It uses the administrator's file of
 * `admin`, and creates a ConfigMap every 20 ms in each of two connections. A request without an answer fails after 2 s.
 */
export async function startApiWriter(
  from: LabNode,
  { admin, endpoint }: { readonly admin: LabNode /** `10.88.0.15:6443` */; readonly endpoint: string },
): Promise<ApiWriter> {
  await kubectl(admin, ['create', 'namespace', writerNamespace]);
  const child = await from.spawnInNetwork([process.execPath, program, endpoint, writerNamespace]);
  const { stderr, stdin, stdout } = child;
  if (stdin === null || stdout === null || stderr === null) throw new LabError('the writer has no streams');
  stdin.end(await admin.readFile('/etc/kubernetes/admin.conf'));
  const names: string[] = [];
  let last: string | undefined;
  let complaints = '';
  stderr.on('data', (data: Buffer) => {
    complaints += data.toString();
  });
  const lines = createInterface({ input: stdout });
  lines.on('line', (line) => {
    if (line.startsWith('+')) names.push(line.slice(1));
    else last = line;
  });
  const ended = once(lines, 'close');
  return {
    acknowledged: () => names.length,
    stop: async (node) => {
      child.kill('SIGTERM');
      await ended;
      if (last === undefined) throw new LabError(`the writer ended without a report: ${complaints}`);
      const report = JSON.parse(last) as Pick<WriteReport, 'errors' | 'failed' | 'longestGapMs'>;
      const args = ['-n', writerNamespace, 'get', 'configmaps', '-o', 'name'];
      const found = new Set((await kubectl(node, args)).split('\n').map((name) => name.split('/')[1]));
      return { ...report, acknowledged: names.length, lost: names.filter((name) => !found.has(name)) };
    },
  };
}
