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

export interface ApiWriterOptions {
  /** A node with the administrator's file that the client uses. */
  readonly admin: LabNode;
  /** `10.88.0.15:6443` */
  readonly endpoint: string;
}

/**
 * Runs the client in the network of a node that stays up, such as the balancer, until `use` has ended. It creates a
 * ConfigMap every 20 ms in each of two connections. A request without an answer fails after 2 s.
 */
export async function withApiWriter<T>(
  from: LabNode,
  { admin, endpoint }: ApiWriterOptions,
  use: (writer: ApiWriter) => Promise<T>,
): Promise<T> {
  await kubectl(admin, ['create', 'namespace', writerNamespace]);
  const kubeconfig = await admin.readFile('/etc/kubernetes/admin.conf');
  const child = await from.spawnInNetwork([process.execPath, program, endpoint, writerNamespace]);
  const { stderr, stdin, stdout } = child;
  if (stdin === null || stdout === null || stderr === null) throw new LabError('the writer has no streams');
  // The client runs until its input ends, which the end of this process does as well.
  stdin.on('error', () => {});
  stdin.write(`${JSON.stringify(kubeconfig)}\n`);
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
  const end = async (): Promise<void> => {
    stdin.end();
    await ended;
  };
  const stop = async (node: LabNode): Promise<WriteReport> => {
    await end();
    if (last === undefined) throw new LabError(`the writer ended without a report: ${complaints}`);
    const report = JSON.parse(last) as Pick<WriteReport, 'errors' | 'failed' | 'longestGapMs'>;
    const args = ['-n', writerNamespace, 'get', 'configmaps', '-o', 'name'];
    const found = new Set((await kubectl(node, args)).split('\n').map((name) => name.split('/')[1]));
    return { ...report, acknowledged: names.length, lost: names.filter((name) => !found.has(name)) };
  };
  try {
    return await use({ acknowledged: () => names.length, stop });
  } finally {
    await end();
  }
}
