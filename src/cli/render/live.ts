import type { Clock } from '../../host.ts';
import { advance, nothingYet, progressLines } from './live-state.ts';
import type { Output } from './output.ts';
import type { Renderer } from './screen.ts';

/** A terminal whose cursor can be moved. */
export interface Terminal {
  /** Returns the current size. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly write: (text: string) => void;
  /** Calls the listener when the size changes. Returns a function that ends this. */
  readonly onResize: (listener: () => void) => () => void;
  /** Calls the listener at this interval, in milliseconds. Returns a function that ends this. */
  readonly every: (milliseconds: number, listener: () => void) => () => void;
  /** Sets the text that is written when the process ends. With undefined nothing is written. */
  readonly atExit: (text: string | undefined) => void;
}

export interface LiveView {
  readonly show: Renderer;
  /** Writes text above the view. The view does not change it later. */
  readonly output: Output;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Removes the view and ends it. */
  readonly close: () => void;
}

interface Options {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly colour: boolean;
  /** The destination of the text above the view. */
  readonly output: Output;
}

const refreshMs = 200;
/**
 * Clears the line of the cursor, then everything below it, and moves the cursor back. These are two steps because of
 * tmux: if a program clears everything from the first column of the first row, tmux copies the view into its history.
 */
const erase = '\r\x1b7\x1b[K\x1b[B\x1b[J\x1b8';

/**
 * Shows a few lines below the text with the running phases and their waits. Between two drawings the cursor stays at the
 * beginning of the first line. When the window changes, terminals keep the cursor at its character, so the next drawing
 * erases only the view and no text above it. The cursor is never hidden and no mode stays changed, so a process that is
 * killed leaves the terminal usable.
 */
export function createLiveView(terminal: Terminal, { clock, colour, output }: Options): LiveView {
  let state = nothingYet;
  let offset = 0;
  let drawn = false;
  let paused = false;
  let closed = false;
  /** Whether the text above does not end with a newline. */
  let midLine = false;

  const frame = (): string => {
    if (paused || closed || midLine) return '';
    const lines = progressLines(state, clock.monotonic() - offset, { ...terminal.size(), colour });
    if (lines.length === 0) return '';
    const up = lines.length > 1 ? `\x1b[${lines.length - 1}A` : '';
    // Automatic wrapping is off, because a window that has become narrower must not break these lines.
    return `\x1b[?7l${lines.join('\r\n')}\x1b[?7h${up}\r`;
  };
  const redraw = (write: (text: string) => void, above: string): void => {
    const before = drawn ? erase : '';
    if (above !== '') midLine = !above.endsWith('\n');
    const after = frame();
    drawn = after !== '';
    terminal.atExit(drawn ? erase : undefined);
    const text = before + above + after;
    if (text !== '') write(text);
  };
  const draw = (): void => redraw(terminal.write, '');
  const stops = [terminal.every(refreshMs, draw), terminal.onResize(draw)];

  return {
    show: (recorded) => {
      offset = clock.monotonic() - recorded.at;
      state = advance(state, recorded);
      if (framing.has(recorded.event.type)) draw();
    },
    output: {
      stdout: (text) => redraw(output.stdout, text),
      stderr: (text) => {
        if (drawn) terminal.write(erase);
        drawn = false;
        output.stderr(text);
        draw();
      },
    },
    pause: () => {
      paused = true;
      draw();
    },
    resume: () => {
      paused = false;
      draw();
    },
    close: () => {
      closed = true;
      draw();
      for (const stop of stops) stop();
    },
  };
}

/** Events that redraw the view immediately. The others appear at its next interval. */
const framing: ReadonlySet<string> = new Set([
  'phases-selected',
  'phase-started',
  'waiting',
  'component-checking',
]);
