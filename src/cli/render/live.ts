import type { Clock } from '../../host.ts';
import { advance, nothingYet, progressLines } from './live-state.ts';
import type { Output } from './output.ts';
import type { Renderer } from './screen.ts';

/** A terminal whose cursor can be moved. */
export interface Terminal {
  /** As it is now. */
  readonly size: () => { readonly columns: number; readonly rows: number };
  readonly write: (text: string) => void;
  /** Returns a function that ends it. */
  readonly onResize: (listener: () => void) => () => void;
  /** Calls the listener every so many milliseconds. Returns a function that ends it. */
  readonly every: (milliseconds: number, listener: () => void) => () => void;
  /** What is written when the process ends while a view stands there; undefined: nothing. */
  readonly atExit: (text: string | undefined) => void;
}

export interface LiveView {
  readonly show: Renderer;
  /** Text that goes above the view, and stays as it is. */
  readonly output: Output;
  readonly pause: () => void;
  readonly resume: () => void;
  /** Takes the view away for good. */
  readonly close: () => void;
}

interface Options {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly colour: boolean;
  /** Where finished text goes. */
  readonly output: Output;
}

const refreshMs = 200;
/**
 * The line of the cursor, then all below it, and back. Not all at once: tmux takes clearing from the first corner
 * on for clearing the screen, and keeps what stood there among the lines that have scrolled away.
 */
const erase = '\r\x1b7\x1b[K\x1b[B\x1b[J\x1b8';

/**
 * A few lines below the text that say what runs and what is waited for. Between two drawings the cursor rests at
 * the beginning of the first of them: terminals keep it at its character when the window changes, whether they
 * break long lines anew or not, so what is erased is the view and nothing above it. The cursor is never hidden
 * and no mode stays changed: a process that is killed leaves the terminal usable.
 */
export function createLiveView(terminal: Terminal, { clock, colour, output }: Options): LiveView {
  let state = nothingYet;
  let offset = 0;
  let drawn = false;
  let paused = false;
  let closed = false;
  /** The text above does not end with a line's end. */
  let midLine = false;

  const frame = (): string => {
    if (paused || closed || midLine) return '';
    const lines = progressLines(state, clock.monotonic() - offset, { ...terminal.size(), colour });
    if (lines.length === 0) return '';
    const up = lines.length > 1 ? `\x1b[${lines.length - 1}A` : '';
    // Without automatic wrapping: a window that has just become narrower must not make more lines of them.
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

/** Events that change the view at once; the others wait for its next turn. */
const framing: ReadonlySet<string> = new Set([
  'phases-selected',
  'phase-started',
  'waiting',
  'component-checking',
]);
