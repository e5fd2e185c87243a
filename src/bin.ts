/** The process: builds the real host, calls the command line, sets the exit code. */
import { main } from './cli/main.ts';
import { changeRoot } from './host/node/change-root.ts';
import { createNodeHost } from './host/node/index.ts';

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
// A reader that went away (`kubeadm … | head`) ends the output, not the run.
process.stdout.on('error', () => undefined);
process.stderr.on('error', () => undefined);

const code = await main(process.argv.slice(2), {
  host: createNodeHost(),
  output: {
    stdout: (text) => void process.stdout.write(text),
    stderr: (text) => void process.stderr.write(text),
  },
  signal: interruption.signal,
  changeRoot,
  openEventFile: async (path) => (await import('./host/node/event-file.ts')).openEventFile(path),
  ...(process.stdout.isTTY
    ? { openTerminal: async () => (await import('./host/node/terminal.ts')).openTerminal() }
    : {}),
});
process.exitCode = code;
// What was said is written out; a key that is still in the making need not hold up the shell for seconds.
await Promise.all([process.stdout, process.stderr].map(written));
process.exit();

/** Ends when all that was given to the stream is written, or its reader is gone. An empty write would end at once in Bun. */
async function written(stream: NodeJS.WriteStream): Promise<void> {
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve());
    stream.once('close', () => resolve());
    stream.end(() => resolve());
  });
}
