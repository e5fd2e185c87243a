/** Every run of kubeadm in the scenarios writes its events; they must fit the schema and tell the same story. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect } from 'vitest';

import type { LabNode } from '../../lab/index.ts';
import { recordedEvent } from '../../src/cli/render/json.ts';
import { textScreen } from '../../src/cli/render/screen.ts';
import { withoutSecretText } from '../../src/cli/render/secrets.ts';
import type { RecordedEvent } from '../../src/events.ts';
import { schemaErrors } from '../../tools/docs/json-schema.ts';

const root = path.resolve(import.meta.dirname, '../..');
const schema = JSON.parse(
  readFileSync(path.join(root, 'docs/reference/events.schema.json'), 'utf8'),
) as Readonly<Record<string, unknown>>;

const file = '/root/events.jsonl';
type RunResult = Awaited<ReturnType<LabNode['exec']>>;

/**
 * Runs kubeadm in the node; where the command runs phases, with its events written and checked. Another
 * program than ours (KUBEADM_UNDER_TEST) runs as it is.
 */
export async function execKubeadm(
  node: LabNode,
  args: readonly string[],
  options: { readonly timeoutMs: number },
): Promise<RunResult> {
  const streams = process.env.KUBEADM_UNDER_TEST === undefined && ['init', 'reset'].includes(args[0] ?? '');
  if (!streams) return await node.exec(['kubeadm', ...args], options);
  const result = await node.exec(['kubeadm', ...args, `--output-events=json=${file}`], options);
  // A command line that is refused begins no run.
  const written = await node.exec(['sh', '-c', `cat ${file} && rm ${file}`]);
  if (written.code === 0) expectEvents(written.stdout, result, args);
  return result;
}

function expectEvents(text: string, { code, stdout }: RunResult, args: readonly string[]): void {
  const lines = text.trimEnd().split('\n');
  const errors = lines.flatMap((line) =>
    schemaErrors(JSON.parse(line), schema).map((error) => `${error} ${line}`),
  );
  expect(errors, 'lines that the schema refuses').toEqual([]);
  const events = lines.map(recordedEvent);
  expect(events[0]?.event.type).toBe('run-started');
  expect(events.at(-1)?.event.type).toBe(code === 0 ? 'run-finished' : 'run-failed');
  for (const [index, { at }] of events.entries())
    expect(at).toBeGreaterThanOrEqual(events[index - 1]?.at ?? 0);
  expectFramed(events);

  for (const secret of secretsIn(stdout)) expect(text.includes(secret), 'a secret in the events').toBe(false);
  expect(text).not.toMatch(/PRIVATE KEY/);
  // What a dry run shows of Secrets is shortened in the events.
  if (!args.includes('--dry-run')) expect(replayed(events, verbosityOf(args))).toBe(masked(stdout));
}

/** A phase says something only between its start and its end. */
function expectFramed(events: readonly RecordedEvent[]): void {
  const open = new Set<string>();
  for (const { event, phase } of events) {
    if (event.type === 'phase-started') open.add(event.phase);
    if (phase !== undefined) expect([...open]).toContain(phase);
    if (['phase-finished', 'phase-failed', 'phase-stopped'].includes(event.type)) open.delete(phase ?? '');
  }
  expect([...open], 'phases without an end').toEqual([]);
}

/** Secrets among the results that were asked for. */
function secretsIn(stdout: string): readonly string[] {
  const found = stdout.matchAll(
    /--token [a-z0-9]{6}\.([a-z0-9]{16})|--certificate-key (\S+)|certificate key:\n([0-9a-f]{64})/g,
  );
  return [...new Set([...found].flatMap(([, ...groups]) => groups.filter((group) => group !== undefined)))];
}

function replayed(events: readonly RecordedEvent[], verbosity: number): string {
  let text = '';
  const stdout = (more: string): void => {
    text += more;
  };
  const show = textScreen({ stdout, stderr: () => undefined }, verbosity);
  for (const event of events) show(event);
  return text;
}

function masked(stdout: string): string {
  return withoutSecretText(stdout).replace(/(certificate key:\n)[0-9a-f]{64}\n/g, '$1<secret>\n');
}

function verbosityOf(args: readonly string[]): number {
  const at = args.indexOf('-v');
  return at === -1 ? 0 : Number(args[at + 1]);
}
