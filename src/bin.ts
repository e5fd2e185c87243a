/** The process: builds the real host, calls the command line, sets the exit code. */
import { errorText, main } from './cli/main.ts';
import { createMachineHost } from './host/machine/index.ts';
import { changeRoot } from './host/machine/process/change-root.ts';
import { flushStandard, writeStandard } from './host/machine/process/standard-streams.ts';

/** `timeout` signals its program and then the program's group: what follows so soon is the same signal. */
const sameSignalMs = 1_000;

const interruption = new AbortController();
let interruptedAt = 0;
const interrupt = (name: NodeJS.Signals): void => {
  if (!interruption.signal.aborted) {
    interruptedAt = performance.now();
    interruption.abort(new Error(`interrupted by ${name}`));
  } else if (performance.now() - interruptedAt > sameSignalMs) {
    // Asked twice: the run is not waited for any more.
    process.removeListener(name, interrupt);
    process.kill(process.pid, name);
  }
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
// Thrown where nothing waits for it: whoever waits for its result would wait for ever.
process.on('uncaughtException', (error) => {
  writeStandard(2, errorText(error, 5));
  process.exit(1);
});

const code = await main(process.argv.slice(2), {
  host: createMachineHost(),
  output: {
    stdout: (text) => writeStandard(1, text),
    stderr: (text) => writeStandard(2, text),
  },
  signal: interruption.signal,
  changeRoot,
  openEventFile: async (path) =>
    (await import('./host/machine/process/event-file.ts')).openEventFile(path, interruption.signal),
  openTerminal: async () => (await import('./host/machine/process/terminal.ts')).openTerminal(),
  garbageCollector: async () => (await import('./host/machine/process/garbage.ts')).garbageCollector(),
});
await flushStandard(interruption.signal);
// A key that is still in the making need not hold up the shell for seconds.
process.exit(code);
