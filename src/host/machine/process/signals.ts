import { readFileSync } from 'node:fs';

/** The numbers on Linux. `node:os` has them, too, but is slow to load. */
const numbers = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;
type Heard = keyof typeof numbers;

/** `timeout` signals its program and then the program's group. A second signal within this time is the same one. */
const sameSignalMs = 1_000;
/** The first process of a container survives its own signals; `die` then returns after this time. */
const deadMs = 500;

export interface Interruption {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Ends this process with the signal that came first, as shells and supervisors expect. Returns if none came. */
  readonly die: () => Promise<void>;
}

/**
 * Listens for SIGINT and SIGTERM; a second one ends the process at once. SIGHUP is ignored, so that the run goes on when
 * its terminal closes. A signal that the parent process ignores, as `nohup` does and shells do for background programs,
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

/** The signals that this process inherited as ignored. Node resets them when it starts; the executable does not. */
function ignoredSignals(): (name: Heard) => boolean {
  let mask = 0n;
  try {
    const digits = /^SigIgn:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    mask = BigInt(`0x${digits ?? '0'}`);
  } catch {
    // Without /proc, no signal counts as ignored.
  }
  return (name) => ((mask >> BigInt(numbers[name] - 1)) & 1n) === 1n;
}
