/** The process: builds the real host, calls the command line, sets the exit code. */
import { errorText, main } from './cli/main.ts';
import { createMachineHost } from './host/machine/index.ts';
import { changeRoot } from './host/machine/process/change-root.ts';
import { listenForSignals } from './host/machine/process/signals.ts';
import { flushStandard, outputProblem, writeStandard } from './host/machine/process/standard-streams.ts';

/** How long a run may take to end its report after an error that nothing has caught. */
const reportMs = 2_000;

const interruption = listenForSignals();
const failure = new AbortController();
// Thrown where nothing waits for it: whoever waits for its result would wait without end.
const uncaught = new Promise<number>((resolve) => {
  const listener = (error: unknown): void => {
    failure.abort(error);
    setTimeout(() => {
      writeStandard(2, errorText(error, 5));
      resolve(1);
    }, reportMs);
  };
  process.on('uncaughtException', listener);
  process.on('unhandledRejection', listener);
});

const run = main(process.argv.slice(2), {
  host: createMachineHost(),
  output: {
    stdout: (text) => writeStandard(1, text),
    stderr: (text) => writeStandard(2, text),
  },
  signal: interruption.signal,
  failure: failure.signal,
  changeRoot,
  openEventFile: async (path) =>
    (await import('./host/machine/process/event-file.ts')).openEventFile(path, interruption.signal),
  openTerminal: async () => (await import('./host/machine/process/terminal.ts')).openTerminal(),
  garbageCollector: async () => (await import('./host/machine/process/garbage.ts')).garbageCollector(),
});
let code = await Promise.race([run, uncaught]);
await flushStandard(interruption.signal);
const lost = outputProblem();
if (lost !== undefined) {
  code = 1;
  writeStandard(2, `error: write to standard output: ${lost}\n`);
  await flushStandard(interruption.signal);
}
await interruption.die();
// A key that is still in the making need not hold up the shell for seconds.
process.exit(code);
