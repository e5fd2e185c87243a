/** Checks that hold for the events of every run of kubeadm: they match the schema and the printed text. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { expect } from 'vitest';

import type { RunResult } from '../../lab/index.ts';
import { errorText } from '../../src/cli/main.ts';
import { recordedEvent } from '../../src/cli/render/json.ts';
import { textScreen } from '../../src/cli/render/screen.ts';
import { type ErrorCode, KubeadmError } from '../../src/errors.ts';
import type { KubeadmEvent, RecordedEvent } from '../../src/events.ts';
import { redact } from '../../src/lib/redact.ts';
import { initPhases } from '../../src/phases/init/index.ts';
import { joinPhases } from '../../src/phases/join/index.ts';
import { resetAllPhases } from '../../src/phases/reset/index.ts';
import { applyPhases } from '../../src/phases/upgrade/apply/index.ts';
import { nodePhases } from '../../src/phases/upgrade/node/index.ts';
import { visibleName } from '../../src/workflow/phase.ts';
import { schemaErrors } from '../../tools/docs/json-schema.ts';

type EventOf<T extends KubeadmEvent['type']> = Extract<KubeadmEvent, { readonly type: T }>;

const root = path.resolve(import.meta.dirname, '../..');
const schema = JSON.parse(
  readFileSync(path.join(root, 'docs/reference/events.schema.json'), 'utf8'),
) as Readonly<Record<string, unknown>>;

/**
 * Checks the events of a run of `kubeadm <args>`, and returns them. `text` is the content of the file, or empty.
 * A run that was killed has the code 137.
 */
export function expectEvents(
  text: string,
  { code, stdout, stderr }: RunResult,
  args: readonly string[],
): readonly RecordedEvent[] {
  const killed = code === 137;
  const printed = killed ? { stdout: wholeText(stdout), stderr: wholeText(stderr) } : { stdout, stderr };
  const events = wholeLines(text, killed);
  // A refused command line begins no run, and a run can be killed before it begins.
  if (events.length === 0) {
    expect([killed || code === 1, stdout], 'without events').toEqual([true, '']);
    return [];
  }
  for (const [index, { at }] of events.entries())
    expect(at).toBeGreaterThanOrEqual(events[index - 1]?.at ?? 0);
  expect(events[0]?.event.type).toBe('run-started');
  const open = openPhases(events);
  if (!killed) {
    if (code === 0) expect(events.filter(({ event }) => event.type === 'phase-failed')).toEqual([]);
    expect(events.at(-1)?.event.type).toBe(code === 0 ? 'run-finished' : 'run-failed');
    expect(open, 'phases without an end').toEqual([]);
  }
  expectNoSecrets(text, printed.stdout);
  expectText(events, { ...printed, code }, args);
  return events;
}

/**
 * Each line is written to the file at once, and is complete unless SIGKILL comes between two pages of it. So the last
 * line of a killed run can be incomplete.
 */
function wholeLines(text: string, killed: boolean): readonly RecordedEvent[] {
  const lines = text.split('\n');
  const rest = lines.pop() ?? '';
  if (killed) expect('{"schema":'.startsWith(rest.slice(0, 10)), rest).toBe(true);
  else expect(rest, 'a line without an end').toBe('');
  const errors = lines.flatMap((line) =>
    schemaErrors(JSON.parse(line), schema).map((error) => `${error} ${line}`),
  );
  expect(errors, 'lines that the schema refuses').toEqual([]);
  return lines.map(recordedEvent);
}

/** Cuts an incomplete line, because a secret in it would not be recognized. */
function wholeText(text: string): string {
  return text.slice(0, text.lastIndexOf('\n') + 1);
}

/** Returns the phases that have not ended. Expects no event of a phase outside it, and none after the run has ended. */
function openPhases(events: readonly RecordedEvent[]): readonly string[] {
  const open = new Set<string>();
  for (const [index, { event, phase }] of events.entries()) {
    if (event.type === 'phase-started') open.add(event.phase);
    if (phase !== undefined) expect([...open]).toContain(phase);
    if (['phase-finished', 'phase-failed', 'phase-stopped'].includes(event.type)) open.delete(phase ?? '');
    if (event.type === 'run-finished' || event.type === 'run-failed') expect(index).toBe(events.length - 1);
  }
  return [...open];
}

function expectNoSecrets(text: string, stdout: string): void {
  const found = stdout.matchAll(
    /--token [a-z0-9]{6}\.([a-z0-9]{16})|--certificate-key (\S+)|certificate key:\n([0-9a-f]{64})/g,
  );
  const secrets = [...found].flatMap(([, ...groups]) => groups.filter((group) => group !== undefined));
  for (const secret of new Set(secrets)) expect(text.includes(secret), 'a secret in the events').toBe(false);
  expect(text).not.toMatch(/PRIVATE KEY/);
}

/**
 * Expects that the text of the events was printed. An event is in the file before its text is printed, so a killed run
 * has printed the beginning of that text.
 */
function expectText(events: readonly RecordedEvent[], result: RunResult, args: readonly string[]): void {
  const verbosity = args.includes('-v') ? Number(args[args.indexOf('-v') + 1]) : 0;
  const replayed = replay(events, verbosity);
  const failed = events.at(-1)?.event.type === 'run-failed';
  for (const stream of ['stdout', 'stderr'] as const) {
    const [printed, told] = [masked(result[stream]), masked(replayed[stream])];
    // A dry run shortens Secrets in the events, and a stack trace is not in them.
    if (stream === 'stdout' ? args.includes('--dry-run') : failed && verbosity > 4) continue;
    expect(result.code === 137 ? told.slice(0, printed.length) : told, stream).toBe(printed);
  }
}

function replay(events: readonly RecordedEvent[], verbosity: number): { stdout: string; stderr: string } {
  const text = { stdout: '', stderr: '' };
  const onto = (stream: keyof typeof text) => (more: string) => {
    text[stream] += more;
  };
  const show = textScreen({ stdout: onto('stdout'), stderr: onto('stderr') }, verbosity);
  for (const event of events) show(event);
  return { ...text, stderr: text.stderr + failureText(events.map(({ event }) => event)) };
}

/** The end of stderr, from the last event and the phases that had ended after the failed one in the list. */
function failureText(events: readonly KubeadmEvent[]): string {
  const last = events.at(-1);
  if (last?.type !== 'run-failed') return '';
  const order = events.flatMap((event) => (event.type === 'phases-selected' ? event.phases : []));
  const failures = events.filter((event) => event.type === 'phase-failed');
  // The failure that came first is the error of the run.
  const [failure] = failures;
  // A phase that had to stop has not failed.
  if (last.code === 'interrupted') expect(failures).toEqual([]);
  if (failure !== undefined) expectNamed(failure, events);
  const nameForUsers = namingOf(events);
  const done = new Set(events.flatMap((event) => (event.type === 'phase-finished' ? event.phase : [])));
  const later = failure === undefined ? [] : order.slice(order.indexOf(failure.phase) + 1);
  const unfinished = new Set(order.filter((name) => !done.has(name)).map(nameForUsers));
  const endedBeyond = [...new Set(later.filter((name) => done.has(name)).map(nameForUsers))].filter(
    (name) => !unfinished.has(name),
  );
  const { hint } = last;
  const options = { details: { endedBeyond }, ...(hint === undefined ? {} : { hint }) };
  return errorText(new KubeadmError(last.code as ErrorCode, last.message, options), 0);
}

/** Returns the name of a phase that users know: its own, or for a hidden phase that of its owner. */
function namingOf(events: readonly KubeadmEvent[]): (phase: string) => string {
  const command = events.find((event) => event.type === 'run-started')?.command ?? '';
  return (phase) => {
    if (command.startsWith('reset')) return visibleName(resetAllPhases, phase);
    if (command.startsWith('join')) return visibleName(joinPhases, phase);
    if (command.startsWith('upgrade apply')) return visibleName(applyPhases, phase);
    if (command.startsWith('upgrade node')) return visibleName(nodePhases, phase);
    return visibleName(initPhases, phase);
  };
}

/** The end of the run names the phase that failed, by the name that users know, and why. */
function expectNamed(failure: EventOf<'phase-failed'>, events: readonly KubeadmEvent[]): void {
  const [timeline, last] = events.slice(-2);
  const { phase, message } = failure;
  expect(timeline).toMatchObject({
    type: 'timeline',
    phases: expect.arrayContaining([expect.objectContaining({ phase, outcome: 'failed' })]),
  });
  const said = last?.type === 'run-failed' ? last.message : '';
  const [, name = '', why] = /^error execution phase (\S+): ([\s\S]*)$/.exec(said) ?? [];
  expect(`${phase}/`.startsWith(`${name}/`), `${phase} failed: ${said}`).toBe(true);
  // The diagnosis may have explained the failure since.
  expect(why).toContain(message.split('\n', 1)[0]);
}

function masked(text: string): string {
  return redact(text).replace(/(certificate key:\n)[0-9a-f]{64}\n/g, '$1<secret>\n');
}
