/**
 * Runs discoveries on the runtime that starts this program. It reads `Discoveries` from the file that its
 * argument names, and prints a `Report`.
 */
import { readFileSync } from 'node:fs';

import type { Discovery } from '../../src/config/hub.ts';
import { discover } from '../../src/discovery/discover.ts';
import { createMachineHost } from '../../src/host/machine/index.ts';
import type { Host } from '../../src/host.ts';
import { defined } from '../../src/lib/defined.ts';

export interface Asked {
  readonly discovery: Discovery;
  /** `timeouts.discovery`. */
  readonly timeoutMs: number;
}

/** By name. */
export type Discoveries = Readonly<Record<string, Asked>>;

export interface Outcome {
  /** The server in the discovered kubeconfig. */
  readonly server?: string;
  /** `details.reason` of the error, or its code. */
  readonly reason?: string;
  /** The error with its causes. */
  readonly error?: string;
  /** The messages of all warnings. */
  readonly warnings: readonly string[];
}

export interface Report {
  readonly outcomes: Readonly<Record<string, Outcome>>;
  /** The most memory that the process has used. */
  readonly memoryMiB: number;
}

const discoveries = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Discoveries;
const { signal } = new AbortController();

/** This machine, with a clock on which each pause lasts four seconds, so that the test does not wait. */
function createHost(): Host {
  const host = createMachineHost();
  let skippedMs = 0;
  const sleep = async (): Promise<void> => {
    skippedMs += 4000;
    await host.clock.sleep(1);
  };
  return { ...host, clock: { ...host.clock, monotonic: () => performance.now() + skippedMs, sleep } };
}

async function outcomeOf({ discovery, timeoutMs }: Asked): Promise<Outcome> {
  const warnings: string[] = [];
  try {
    const kubeconfig = await discover(
      createHost(),
      { discovery, timeouts: { discovery: timeoutMs } },
      { emit: (event) => void (event.type === 'warning' && warnings.push(event.message)), signal },
    );
    return { warnings, ...defined({ server: kubeconfig.clusters[0]?.server }) };
  } catch (error) {
    return { warnings, reason: reasonOf(error), error: textOf(error) };
  }
}

function reasonOf(error: unknown): string {
  const { code, details } = error as {
    readonly code?: unknown;
    readonly details?: { readonly reason?: unknown };
  };
  return String(details?.reason ?? code ?? error);
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'reason' in error ? ` (${String(error.reason)})` : '';
  return `${error.message}${code}${error.cause === undefined ? '' : `\n  ${textOf(error.cause)}`}`;
}

/** More of them at once would keep the servers so busy that they do not answer in time. */
const atOnce = 6;
const outcomes: Record<string, Outcome> = {};
const left = Object.entries(discoveries).values();
const work = async (): Promise<void> => {
  for (const [name, asked] of left) outcomes[name] = await outcomeOf(asked);
};
await Promise.all(Array.from({ length: atOnce }, work));
const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
const report: Report = { outcomes, memoryMiB: Number(peak) / 1024 };
process.stdout.write(JSON.stringify(report));
