import { writeStandard } from './standard-streams.ts';

/** Standard output as a terminal with a movable cursor (cli/render/live.ts); undefined if it is not a terminal. */
export function openTerminal() {
  if (!process.stdout.isTTY) return undefined;
  let last: string | undefined;
  process.once('exit', () => {
    if (last !== undefined) writeStandard(1, last);
  });
  return {
    size: () => ({ columns: process.stdout.columns || 80, rows: process.stdout.rows || 24 }),
    write: (text: string) => writeStandard(1, text),
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
