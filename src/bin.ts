/** The process: builds the real host, calls the command line, sets the exit code. */
import { main } from './cli/main.ts';
import { changeRoot } from './host/node/change-root.ts';
import { createNodeHost } from './host/node/index.ts';

const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => interruption.abort(new Error(`interrupted by ${name}`)));
}
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
