/** Writes everything that is known about a failure into one file that only root can read. */
import type { Host } from '../host.ts';
import { redact } from '../lib/redact.ts';
import type { Facts } from './facts.ts';
import type { NamedFinding } from './finding.ts';
import { runtimeService } from './gather/runtime.ts';
import { journalLines } from './gather/systemd.ts';
import { wholeLog } from './logs/container-log.ts';

/** The first directory that can be written to gets the file. /var may be the disk that is full. */
const directories = ['/var/log', '/run', '/tmp'];
const name = 'kubeadm-evidence.txt';
const journalLength = 400;

export interface Evidence {
  /** The first lines of the file: what failed. */
  readonly error: string;
  readonly findings: readonly NamedFinding[];
  readonly facts: Facts;
}

/**
 * Writes findings, facts, and the ends of the logs of the components, the kubelet and the runtime, without secrets. It
 * replaces the file of an earlier failure.
 *
 * @returns the path; undefined if it cannot be written anywhere
 */
export async function writeEvidence(
  host: Pick<Host, 'files' | 'exec' | 'cri'>,
  evidence: Evidence,
): Promise<string | undefined> {
  const text = redact(await describe(host, evidence));
  for (const directory of directories) {
    const path = `${directory}/${name}`;
    try {
      // A file that others can read must not get it.
      await host.files.remove(path);
      await host.files.write(path, text, { mode: 0o600 });
      return path;
    } catch {
      // The next directory may be writable.
    }
  }
  return undefined;
}

async function describe(
  host: Pick<Host, 'files' | 'exec' | 'cri'>,
  { error, facts, findings }: Evidence,
): Promise<string> {
  const service = runtimeService(facts.criSocket);
  const units = ['kubelet', ...(service === undefined ? [] : [service])];
  const [journals, logs] = await Promise.all([
    Promise.all(units.map(async (unit) => section(`journal of ${unit}`, await journalOf(host, unit)))),
    containerLogs(host, facts),
  ]);
  const { components = [], machine, ...rest } = facts;
  const shownComponents = components.map(({ runs: _runs, runningLog: _log, ...one }) => one);
  return [
    section('error', [error]),
    section('findings', [json(findings)]),
    section('components', [json(shownComponents)]),
    section('machine', [json(machine)]),
    section('kubelet, runtime and Pods', [json(rest)]),
    ...logs,
    ...journals,
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string {
  return [`===== ${title} =====`, ...lines, ''].join('\n');
}

function json(value: unknown): string {
  return JSON.stringify(value, null, 2) ?? '';
}

async function journalOf(host: Pick<Host, 'exec'>, unit: string): Promise<readonly string[]> {
  const args = ['--boot', `--unit=${unit}`, `--lines=${journalLength}`];
  return (await journalLines(host, args).catch(() => undefined))?.lines ?? [];
}

/** The newest two containers of each component. */
async function containerLogs(
  host: Pick<Host, 'files' | 'cri'>,
  { components = [], criSocket, runtime }: Facts,
): Promise<readonly string[]> {
  // A runtime that hangs would keep the user waiting for nothing.
  if (runtime?.error !== undefined) return [];
  const cri = host.cri(criSocket);
  try {
    const all = await cri.containers();
    const own = components.flatMap(({ name: component }) =>
      all
        .filter((one) => one.name === component)
        .toSorted((a, b) => b.attempt - a.attempt)
        .slice(0, 2),
    );
    return await Promise.all(
      own.map(async ({ attempt, logPath, name: component, state }) =>
        section(`log of ${component}, run ${attempt} (${state})`, await wholeLog(host.files, logPath)),
      ),
    );
  } catch {
    return [];
  } finally {
    cri.close();
  }
}
