/** The program of the process. It makes the host of the machine, runs the command line and sets the exit code. */
import { errorText, main } from './cli/main.ts';
import { createMachineHost } from './host/machine/index.ts';
import { changeRoot } from './host/machine/process/change-root.ts';
import { listenForSignals } from './host/machine/process/signals.ts';
import { flushStandard, outputProblem, writeStandard } from './host/machine/process/standard-streams.ts';

/** The maximum time for a run to end its report after an uncaught error. */
const reportMs = 2_000;

// Connections do not obey it, and the runtime would warn that they do.
delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;

const interruption = listenForSignals();
const failure = new AbortController();
// After an uncaught error the command may wait for a result that never comes, so the process must end by itself.
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
  openOutputFile: async (path, content) => {
    const { openOutputFile } = await import('./host/machine/process/output-file.ts');
    return await openOutputFile(path, { content, signal: interruption.signal });
  },
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
// Without this, a key pair that is still being generated would keep the process alive for seconds.
process.exit(code);
