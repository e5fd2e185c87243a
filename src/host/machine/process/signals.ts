import { readFileSync } from 'node:fs';

/** As on all of Linux; `node:os`, which has them too, is slow to load. */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Heard = keyof typeof numbers;

/** `timeout` signals its program and then the program's group: what follows so soon is the same signal. */
const sameSignalMs = 1_000;
/** The first process of a container does not die of its own signals. */
const deadMs = 500;

export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Dies of the signal that came first, as shells and supervisors expect; returns when none came. */
  readonly die: () => Promise<void>;
}

/**
 * Hears SIGINT and SIGTERM, and a second one ends the process at once. SIGHUP is heard and ignored: the run goes on when
 * its terminal goes away. A signal that the parent has ignored, as `nohup` and shells do for programs in the background,
 * stays ignored.
 */
export function listenForSignals(): Interruption {
  const controller = new AbortController();
  let [first, firstAt]: [NodeJS.Signals | undefined, number] = [undefined, 0];
  const listener = (name: NodeJS.Signals): void => {
    if (first === undefined) {
      [first, firstAt] = [name, performance.now()];
      controller.abort(new Error(`interrupted by ${name}`));
    } else if (performance.now() - firstAt > sameSignalMs) {
      dieOf(name, listener);
    }
  };
  const ignored = ignoredSignals();
  for (const name of ['SIGINT', 'SIGTERM'] as const) if (!ignored(name)) process.on(name, listener);
  if (!ignored('SIGHUP')) process.on('SIGHUP', () => undefined);
  return {
    signal: controller.signal,
    die: async () => {
      if (first === undefined) return;
      dieOf(first, listener);
      await new Promise((resolve) => setTimeout(resolve, deadMs));
    },
  };
}

function dieOf(name: NodeJS.Signals, listener: (name: NodeJS.Signals) => void): void {
  process.removeListener(name, listener);
  process.kill(process.pid, name);
}

/** Those that this process has inherited as ignored. Node resets them at its start; the executable does not. */
function ignoredSignals(): (name: Heard) => boolean {
  let mask = 0n;
  try {
    const digits = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    mask = BigInt(`0x${digits ?? '0'}`);
  } catch {
    // Without /proc none is known to be ignored.
  }
  return (name) => ((mask >> BigInt(numbers[name] - 1)) & 1n) === 1n;
}
