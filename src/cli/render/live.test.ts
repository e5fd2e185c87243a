import { beforeEach, describe, expect, test } from 'vitest';

import { createLiveView, type Terminal } from './live.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const controls = /\x1b\[(\??\d*)([A-Za-z])|\x1b([78])|([\s\S])/g;

/** Emulates the parts of a terminal that the view uses: text and moves of the cursor. */
function emulator(columns: number) {
  const rows: string[] = [''];
  const cursor = { row: 0, column: 0, saved: { row: 0, column: 0 } };
  const put = (character: string): void => {
    const line = (rows[cursor.row] ?? '').padEnd(cursor.column);
    rows[cursor.row] = line.slice(0, cursor.column) + character + line.slice(cursor.column + 1);
    cursor.column++;
  };
  const control = (parameter: string, command: string): void => {
    const count = Number(parameter) || 1;
    if (command === 'A') cursor.row = Math.max(0, cursor.row - count);
    if (command === 'B') cursor.row = Math.min(rows.length - 1, cursor.row + count);
    if (command === 'K') rows[cursor.row] = (rows[cursor.row] ?? '').slice(0, cursor.column);
    if (command === 'J') {
      rows[cursor.row] = (rows[cursor.row] ?? '').slice(0, cursor.column);
      rows.length = cursor.row + 1;
    }
  };
  return {
    columns,
    screen: () => rows.join('\n').trimEnd(),
    cursor,
    write: (text: string) => {
      const parts = text.matchAll(controls);
      for (const [, parameter = '', command, save, character] of parts) {
        if (command !== undefined) control(parameter, command);
        else if (save === '7') cursor.saved = { row: cursor.row, column: cursor.column };
        else if (save === '8') Object.assign(cursor, cursor.saved);
        else if (character === '\r') cursor.column = 0;
        else if (character === '\n') {
          cursor.row++;
          cursor.column = 0;
          rows[cursor.row] ??= '';
        } else if (character !== undefined) put(character);
      }
    },
  };
}

describe('the live view', () => {
  let now = 0;
  let tick = (): void => undefined;
  let exitText: string | undefined;
  let screen = emulator(60);
  const open = () => {
    const terminal: Terminal = {
      size: () => ({ columns: screen.columns, rows: 24 }),
      write: screen.write,
      onResize: () => () => undefined,
      every: (_, listener) => {
        tick = listener;
        return () => {
          tick = () => undefined;
        };
      },
      atExit: (text) => {
        exitText = text;
      },
    };
    const output = { stdout: screen.write, stderr: screen.write };
    const view = createLiveView(terminal, { clock: { monotonic: () => now }, colour: false, output });
    view.show({ at: 0, phase: undefined, event: { type: 'run-started', command: 'init', version: 'v1' } });
    view.show({ at: 0, phase: undefined, event: { type: 'phases-selected', phases: ['a', 'b'] } });
    view.show({ at: 0, phase: 'a', event: { type: 'phase-started', phase: 'a' } });
    return view;
  };
  beforeEach(() => {
    now = 0;
    screen = emulator(60);
    exitText = undefined;
  });

  test('stays below the text, and updates by itself', () => {
    const view = open();
    view.output.stdout('[a] one\n');
    view.output.stderr('warning: two\n');
    now = 1000;
    tick();
    expect(screen.screen()).toBe(
      '[a] one\nwarning: two\ninit: 0 of 2 phases done, 1 running, 1.0s\n  a    1.0s',
    );
    // A terminal keeps the cursor here when its width changes.
    expect(screen.cursor).toMatchObject({ row: 2, column: 0 });
  });

  test('leaves only the text at the end', () => {
    const view = open();
    view.output.stdout('[a] one\n');
    view.output.stdout('two\nthree\n');
    view.close();
    tick();
    expect(screen.screen()).toBe('[a] one\ntwo\nthree');
    expect(exitText).toBeUndefined();
  });

  test('disappears during a question, and while a line is incomplete', () => {
    const view = open();
    view.pause();
    screen.write('Are you sure? ');
    tick();
    expect(screen.screen()).toBe('Are you sure?');
    screen.write('y\n');
    view.resume();
    view.output.stdout('half');
    tick();
    expect(screen.screen()).toBe('Are you sure? y\nhalf');
    view.output.stdout(' whole\n');
    expect(screen.screen()).toBe(
      'Are you sure? y\nhalf whole\ninit: 0 of 2 phases done, 1 running, 0.0s\n  a    0.0s',
    );
  });

  test('sets the text that removes it if the process ends early', () => {
    const view = open();
    view.output.stdout('one\n');
    screen.write(exitText ?? '');
    expect(screen.screen()).toBe('one');
  });
});
