/** Finds out whether processes hang, from one look to the next. */
import type { ReadHost } from '../../host.ts';
import type { ProcessFacts } from '../process-facts.ts';

type ProcessHost = Pick<ReadHost, 'files' | 'clock'>;

export interface ProcessGatherer {
  /** Facts about some processes together. Undefined if one of them has ended. */
  readonly look: (pids: readonly number[]) => Promise<ProcessFacts | undefined>;
}

interface Sample {
  readonly ticks: number;
  readonly at: number;
  readonly idleSince: number;
}

interface Thread {
  /** The kernel's letter, such as R (runs), S (sleeps), D (waits for a disk) or T (is stopped). */
  readonly state: string;
  readonly ticks: number;
}

/** The kernel counts processor time in hundredths of a second. Timers of a program that hangs need less than one percent. */
const msPerTick = 10;
const idleTicksPerMs = 0.01 / msPerTick;
/** What a process did between two looks that are further apart is not known. */
const longestGapMs = 15_000;

/**
 * Processes are idle as long as each look finds all threads asleep and less than one percent of processor time used. The sum is
 * smaller than before if threads have ended, which proves nothing.
 */
export function processGatherer(host: ProcessHost): ProcessGatherer {
  const samples = new Map<string, Sample>();
  return {
    look: async (pids) => {
      const threads = await threadsOf(host, pids);
      const [first] = pids;
      if (threads === undefined || first === undefined) return undefined;
      const key = pids.join(',');
      const before = samples.get(key);
      const at = host.clock.monotonic();
      const ticks = threads.reduce((sum, thread) => sum + thread.ticks, 0);
      const sleeps = threads.every(({ state }) => /[STt]/.test(state));
      const used = before === undefined ? 0 : ticks - before.ticks;
      const gapMs = at - (before?.at ?? at);
      const isIdle =
        sleeps && gapMs <= longestGapMs && used >= 0 && used <= Math.max(1, gapMs * idleTicksPerMs);
      const idleSince = isIdle ? (before?.idleSince ?? at) : at;
      samples.set(key, { ticks, at, idleSince });
      return {
        pid: first,
        program: await programOf(host, first),
        isStopped: threads.every(({ state }) => /[Tt]/.test(state)),
        idleMs: at - idleSince,
      };
    },
  };
}

async function threadsOf(
  { files }: Pick<ReadHost, 'files'>,
  pids: readonly number[],
): Promise<readonly Thread[] | undefined> {
  try {
    const all = await Promise.all(
      pids.map(async (pid) => {
        const ids = (await files.list(`/proc/${pid}/task`)) ?? [];
        const stats = ids.map(async (id) => await files.readText(`/proc/${pid}/task/${id}/stat`));
        return (await Promise.all(stats)).map(threadIn);
      }),
    );
    return all.some((threads) => threads.length === 0) ? undefined : all.flat();
  } catch {
    return undefined;
  }
}

/** The name in parentheses can have blanks and parentheses itself. Source: proc(5). */
function fieldsOf(stat: string): readonly string[] {
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function threadIn(stat: string): Thread {
  const fields = fieldsOf(stat);
  return { state: fields[0] ?? '', ticks: Number(fields[11]) + Number(fields[12]) };
}

async function programOf({ files }: Pick<ReadHost, 'files'>, pid: number): Promise<string> {
  const name = async (): Promise<string> => (await files.readText(`/proc/${pid}/comm`)).trim();
  return await files.realpath(`/proc/${pid}/exe`).catch(async () => await name().catch(() => 'unknown'));
}

interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** The time of its start, in milliseconds since the machine started. */
  readonly startedAt: number;
}

async function listed({ files }: Pick<ReadHost, 'files'>): Promise<readonly ListedProcess[]> {
  const pids = ((await files.list('/proc')) ?? []).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(
    pids.map(async (pid): Promise<readonly ListedProcess[]> => {
      const stat = await files.readText(`/proc/${pid}/stat`).catch(() => undefined);
      if (stat === undefined) return [];
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const fields = fieldsOf(stat);
      return [{ pid, parent: Number(fields[1]), name, startedAt: Number(fields[19]) * msPerTick }];
    }),
  );
  return found.flat();
}

/** The process and all that it has started. A wrapper waits while the program in it works. */
export async function withDescendants(
  host: Pick<ReadHost, 'files'>,
  pid: number,
): Promise<readonly number[]> {
  return [pid, ...descendants(pid, await listed(host))];
}

/** A process that starts a container is a child of containerd or of its shim. Its own children belong to it. */
const makers = /^(?:containerd|conmon|crio)/;

/**
 * The processes that the container runtime has started to make containers, such as `runc create`. The processes of running
 * containers cannot be told apart from them, so the caller asks only while no container runs. Processes that are older than
 * `withinMs` are left out, because they can belong to containers of Docker, which may sleep.
 */
export async function startingProcesses(
  { files }: Pick<ReadHost, 'files'>,
  withinMs: number,
): Promise<readonly number[]> {
  const all = await listed({ files });
  const [uptime] = (await files.readText('/proc/uptime').catch(() => '')).split(' ');
  const oldest = Number(uptime || Number.NaN) * 1000 - withinMs;
  const found = all.filter(
    ({ name, parent, startedAt }) =>
      !name.startsWith('runc:[') &&
      !(startedAt < oldest) &&
      makers.test(all.find(({ pid }) => pid === parent)?.name ?? ''),
  );
  const roots = found.filter(({ name }) => !makers.test(name)).map(({ pid }) => pid);
  return [...new Set(roots.flatMap((pid) => [pid, ...descendants(pid, all)]))];
}

function descendants(pid: number, all: readonly ListedProcess[]): readonly number[] {
  const children = all.filter(({ parent }) => parent === pid);
  return children.flatMap((child) => [child.pid, ...descendants(child.pid, all)]);
}
