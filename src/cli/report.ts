/** Shows a command that runs phases as text, live view, JSON lines and timeline, and writes its result. */
import { messageOf } from '../errors.ts';
import type { Emit, KubeadmEvent, RecordedEvent } from '../events.ts';
import type { Host } from '../host.ts';
import { kubeadmVersion } from '../versions.ts';
import type { CommandLine, OutputFile } from './command-line.ts';
import type { CommandFlags } from './flag-values.ts';
import { jsonDestination } from './json-destination.ts';
import type { LiveView } from './render/live.ts';
import type { Output } from './render/output.ts';
import { type Renderer, textScreen } from './render/screen.ts';
import { type Timeline, timelineOf } from './render/timeline.ts';
import { describedError, type ResultFields } from './result-document.ts';
import { openResult } from './result-file.ts';

type ReportFlag = 'output-events' | 'output-result' | 'timeline';

export interface ReportRequest {
  /** The words of the command without `kubeadm`, such as `init phase certs`. */
  readonly command: string;
  readonly flags: CommandFlags<ReportFlag>;
  readonly verbosity: number;
}

export interface Report {
  /** A host whose prompt pauses the live view. */
  readonly host: Host;
  /** The output for text that is not an event. It goes above the live view. */
  readonly output: Output;
  /** The start of the run on the host's monotonic clock, in milliseconds. */
  readonly startedAt: number;
  readonly record: (recorded: RecordedEvent) => void;
  /** Reports an event outside any phase, with the current time. */
  readonly emit: Emit;
  /** Takes the data of a run that succeeded, for `--output-result`. */
  readonly reportResult: (fields: ResultFields) => void;
  /**
   * Reports the last events, draws the timeline and writes the result. It must be called once.
   *
   * @throws KubeadmError if the result of a run without an error cannot be written
   */
  readonly end: (error?: unknown) => Promise<void>;
}

/** More collections do not lower the peak of an init, and each takes processor time that the components need. */
const collectIntervalMs = 400;

/** @throws KubeadmError code `usage` for an unknown form of events or result, and the errors of `openOutputFile` */
export async function startReport(
  { command, flags, verbosity }: ReportRequest,
  commandLine: CommandLine,
): Promise<Report> {
  const { host } = commandLine;
  const { clock } = host;
  const startedAt = clock.monotonic();
  const startTime = clock.now();
  const destination = jsonDestination(flags, 'output-events');
  const result = await openResult(flags, commandLine);
  const live = await liveView(commandLine);
  const visible = live?.output ?? commandLine.output;
  // stderr must have no other text for a program that reads JSON lines from it.
  const output = destination === 'stderr' ? { ...visible, stderr: () => undefined } : visible;
  const stream = await eventStream(destination, visible, commandLine);
  const kept: RecordedEvent[] = [];
  const renderers: Renderer[] = [
    (recorded) => void kept.push(recorded),
    ...(stream === undefined ? [] : [await jsonRenderer(stream.write, startTime)]),
    textScreen(output, verbosity),
    ...(live === undefined ? [] : [live.show]),
  ];
  const collectGarbage = await garbageCollector(commandLine);
  let ended = false;
  let fields: ResultFields = {};
  const elapsed = (): number => clock.monotonic() - startedAt;
  const record = (recorded: RecordedEvent): void => {
    // A key that the run no longer needs can be finished after the end of the run.
    if (ended) return;
    for (const render of renderers) render(recorded);
    if (recorded.event.type === 'phase-finished') collectGarbage();
  };
  const emit = (event: KubeadmEvent): void => record({ event, phase: undefined, at: elapsed() });
  emit({ type: 'run-started', command, version: kubeadmVersion });
  return {
    host: { ...host, prompt: pausing(host, live, emit) },
    output,
    startedAt,
    record,
    emit,
    reportResult: (reported) => {
      fields = reported;
    },
    end: async (error) => {
      const timeline = timelineOf(kept, elapsed());
      if (timeline.phases.length > 0) emit(timeline);
      const problem = await draw(timeline, flags.value('timeline'), host);
      if (problem !== undefined) emit({ type: 'warning', code: 'timeline-not-drawn', message: problem });
      const unwritten = await result?.write({ command, events: kept, timeline, error, fields });
      emit(lastEvent(error ?? unwritten, elapsed()));
      ended = true;
      live?.close();
      const lost = await stream?.close();
      if (lost !== undefined) output.stderr(`warning: ${lost}\n`);
      if (unwritten === undefined) return;
      if (error === undefined) throw unwritten;
      output.stderr(`warning: ${unwritten.message}\n`);
    },
  };
}

/**
 * The returned function collects garbage if the last time is not too near. Without it, the heap grows to three times the
 * size that a run needs.
 */
async function garbageCollector({ garbageCollector, host: { clock } }: CommandLine): Promise<() => void> {
  const collect = await garbageCollector?.().catch(() => undefined);
  let collectedAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (clock.monotonic() - collectedAt < collectIntervalMs) return;
    collect?.();
    collectedAt = clock.monotonic();
  };
}

/** Returns the reason if the picture cannot be written, because that must not make the run fail. */
async function draw(timeline: Timeline, file: string, { files }: Host): Promise<string | undefined> {
  if (file === '') return undefined;
  const { timelineSvg } = await import('./render/timeline-svg.ts');
  try {
    await files.write(file, timelineSvg([timeline]), { mode: 0o644 });
    return undefined;
  } catch (error) {
    return `the timeline was not drawn: ${messageOf(error)}`;
  }
}

function lastEvent(error: unknown, milliseconds: number): KubeadmEvent {
  if (error === undefined) return { type: 'run-finished', milliseconds };
  const { code, hint, message } = describedError(error);
  return { type: 'run-failed', milliseconds, code, message, ...(hint === undefined ? {} : { hint }) };
}

async function eventStream(
  destination: ReturnType<typeof jsonDestination>,
  output: Output,
  { openOutputFile }: CommandLine,
): Promise<OutputFile | undefined> {
  if (destination === undefined) return undefined;
  if (destination === 'stderr') return { write: output.stderr, close: async () => undefined };
  return await openOutputFile(destination.file, 'events');
}

async function jsonRenderer(write: (line: string) => void, startTime: Date): Promise<Renderer> {
  const { jsonLines } = await import('./render/json.ts');
  return jsonLines(write, startTime);
}

/**
 * Opens the live view if stdout is a terminal that can move its cursor. Returns undefined in a CI job, because its log
 * keeps every byte.
 */
async function liveView({ host, output, openTerminal }: CommandLine): Promise<LiveView | undefined> {
  const environment = host.system.environment();
  const term = environment.TERM ?? '';
  const ci = environment.CI ?? '';
  if (openTerminal === undefined || term === '' || term === 'dumb' || (ci !== '' && ci !== 'false'))
    return undefined;
  const terminal = await openTerminal();
  if (terminal === undefined) return undefined;
  const { createLiveView } = await import('./render/live.ts');
  const colour = (environment.NO_COLOR ?? '') === '';
  return createLiveView(terminal, { clock: host.clock, colour, output });
}

function pausing({ prompt }: Host, live: LiveView | undefined, emit: Emit): Host['prompt'] {
  return {
    ask: async (question, ...rest) => {
      emit({ type: 'prompt-opened', question });
      live?.pause();
      try {
        return await prompt.ask(question, ...rest);
      } finally {
        live?.resume();
        emit({ type: 'prompt-closed' });
      }
    },
  };
}
