/** The running phases and their waits, computed from the events. The live view draws them. */
import type { RecordedEvent } from '../../events.ts';
import { formatDuration } from '../../lib/go/duration.ts';
import { oneLine, truncate } from '../../lib/text-width.ts';
import { waitOf } from './timeline.ts';

interface Wait {
  readonly for: string;
  readonly since: number;
  readonly timeoutMs?: number;
}

interface Running {
  readonly since: number;
  readonly waits: readonly Wait[];
}

export interface Progress {
  readonly command: string;
  readonly order: readonly string[];
  readonly running: ReadonlyMap<string, Running>;
  /** The number of phases that have ended, successfully or not. */
  readonly ended: number;
  readonly keys?: { readonly made: number; readonly count: number };
  readonly over: boolean;
}

export const nothingYet: Progress = { command: '', order: [], running: new Map(), ended: 0, over: false };

/** Returns the state after one more event. */
export function advance(state: Progress, { at, event, phase }: RecordedEvent): Progress {
  switch (event.type) {
    case 'run-started':
      return { ...state, command: event.command };
    case 'phases-selected':
      return { ...state, order: event.phases, running: new Map(), ended: 0 };
    case 'phase-started':
      return { ...state, running: new Map(state.running).set(event.phase, { since: at, waits: [] }) };
    case 'phase-finished':
    case 'phase-failed':
    case 'phase-stopped': {
      const running = new Map(state.running);
      running.delete(event.phase);
      return { ...state, running, ended: state.ended + 1 };
    }
    case 'keys-making':
      return { ...state, keys: { made: 0, count: event.count } };
    case 'key-made':
      return { ...state, keys: { made: event.made, count: event.count } };
    case 'run-finished':
    case 'run-failed':
      return { ...state, over: true };
    default:
      return advanceWait(state, { at, event, phase });
  }
}

function advanceWait(state: Progress, { at, event, phase }: RecordedEvent): Progress {
  const wait = waitOf(event);
  const runningPhase = phase === undefined ? undefined : state.running.get(phase);
  if (wait === undefined || runningPhase === undefined || phase === undefined) return state;
  const others = runningPhase.waits.filter((known) => known.for !== wait.for);
  const timeout = event.type === 'waiting' ? { timeoutMs: event.timeoutMs } : {};
  const waits = wait.ends ? others : [...others, { for: wait.for, since: at, ...timeout }];
  return { ...state, running: new Map(state.running).set(phase, { ...runningPhase, waits }) };
}

export interface Screen {
  readonly columns: number;
  readonly rows: number;
  readonly colour: boolean;
}

/** The minimum width of a screen, in columns, to show a wait beside its phase. On other screens it is below the phase. */
const sideBySide = 120;
/** The maximum number of lines. More lines would hide the text above them. */
const mostLines = 8;

/**
 * Returns the lines of the live view at `now`, in milliseconds since the start. Returns no lines before the first phase
 * and after the run. Each line is shorter than the screen's width, and there are fewer lines than the screen has rows.
 */
export function progressLines(state: Progress, now: number, screen: Screen): readonly string[] {
  if (state.over || state.order.length === 0 || screen.rows < 2) return [];
  const width = screen.columns - 1;
  const running = state.order.flatMap((phase) => {
    const runningPhase = state.running.get(phase);
    return runningPhase === undefined ? [] : [{ phase, ...runningPhase }];
  });
  const name = Math.min(32, Math.max(0, ...running.map(({ phase }) => phase.length)));
  const lines = running.flatMap(({ phase, since, waits }) => {
    const head = `  ${truncate(phase, name).padEnd(name)} ${clockText(now - since)}`;
    const texts = waits.map((wait) => `waits ${waitText(wait, now)}`);
    // A window of usual width has little room beside the phase.
    if (screen.columns < sideBySide) return [head, ...texts.map((text) => `    ${text}`)];
    const [first, ...more] = texts;
    return [
      first === undefined ? head : `${head}  ${first}`,
      ...more.map((text) => `${' '.repeat(head.length)}  ${text}`),
    ];
  });
  const { keys } = state;
  const making =
    keys === undefined || keys.made >= keys.count ? '' : `, ${keys.made} of ${keys.count} keys made`;
  const title = `${state.command}: ${state.ended} of ${state.order.length} phases done, ${running.length} running${making}, ${clockText(now).trim()}`;
  const room = Math.min(mostLines, screen.rows - 1);
  const shown = lines.length + 1 <= room ? lines : lines.slice(0, Math.max(0, room - 2));
  const rest = lines.length - shown.length;
  return [
    coloured(truncate(oneLine(title), width), '1', screen.colour),
    ...shown.map((line) => coloured(truncate(line, width), '36', screen.colour)),
    ...(rest > 0 && room > 1 ? [coloured(truncate(`  and ${rest} more`, width), '36', screen.colour)] : []),
  ];
}

const clockWidth = 7;

/** Returns a text such as `0.4s` or `63.0s`. It is right-aligned, so that the text after it does not move. */
function clockText(milliseconds: number): string {
  return `${(Math.max(0, milliseconds) / 1000).toFixed(1)}s`.padStart(clockWidth);
}

function waitText(wait: Wait, now: number): string {
  const limit = wait.timeoutMs === undefined ? '' : ` of ${formatDuration(wait.timeoutMs)}`;
  return `${clockText(now - wait.since).trim()}${limit} for ${oneLine(wait.for)}`;
}

function coloured(text: string, code: string, colour: boolean): string {
  return colour ? `\x1b[${code}m${text}\x1b[0m` : text;
}
