import { writeSync } from 'node:fs';

/** Standard output as a terminal whose cursor can be moved (cli/render/live.ts). */
export function openTerminal() {
  let last: string | undefined;
  process.once('exit', () => {
    if (last === undefined) return;
    try {
      writeSync(1, last);
    } catch {
      // The terminal is gone, and its view with it.
    }
  });
  return {
    size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
    write: (text: string) => void process.stdout.write(text),
    onResize: (listener: () => void) => {
      process.stdout.on('resize', listener);
      return () => void process.stdout.off('resize', listener);
    },
    every: (milliseconds: number, listener: () => void) => {
      const timer = setInterval(listener, milliseconds);
      timer.unref();
      return () => clearInterval(timer);
    },
    atExit: (text: string | undefined) => {
      last = text;
    },
  };
}
