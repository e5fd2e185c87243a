/**
 * Keeps two whole runs on one machine from overwriting each other's files. Each run writes a note with its process into
 * /run, and only then looks for the notes of others, so that the later run always sees the earlier one. (Two runs that
 * begin at the same instant may see each other, and then both end.) The note of a process that has ended counts as
 * absent.
 */
import { FileError, KubeadmError, messageOf } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, Random, SystemReads } from '../host.ts';
import { isRecord } from '../lib/is-record.ts';
import { isRunning, type ProcessIdentity, thisProcess } from './process.ts';
import type { RunCommand } from './record.ts';

interface Reads {
  readonly files: FileReads;
}

interface Machine {
  readonly files: FileReads & FileWrites;
  readonly random: Random;
  readonly system: SystemReads;
}

/** A renewal with restarts has no record, but must not meet another run either. */
type LoneCommand = RunCommand | 'certs renew';

interface Note {
  readonly command: LoneCommand;
  readonly process: ProcessIdentity;
}

const folder = '/run';
const noteName = /^kubeadm-run-[0-9a-f]{12}\.json$/;

/** @throws KubeadmError `unfinished-run` that names the process of another run */
export async function refuseBesideAnother(host: Reads): Promise<void> {
  await endedBeside(host, undefined);
}

/**
 * Refuses single phases, which write no note, beside a whole run of another process. A program may call single phases
 * beside its own whole run.
 *
 * @throws KubeadmError `unfinished-run` that names the other process
 */
export async function refuseBesideOtherProcess(host: Reads): Promise<void> {
  const own = await thisProcess(host);
  const running = (await notesIn(host)).filter(({ isActive }) => isActive);
  const other = running.find(({ note }) => note.process.pid !== own?.pid);
  if (other !== undefined) throw anotherRuns(other.note);
}

/** Whether a whole run of any process is going on. */
export async function isAnyRunning(host: Reads): Promise<boolean> {
  return (await notesIn(host)).some(({ isActive }) => isActive);
}

/**
 * Does the work of a whole run. Meanwhile, other runs of any process are refused. If a note cannot be written or removed,
 * it warns with `run-not-announced`, and the result of the work does not change.
 *
 * @throws KubeadmError `unfinished-run` if another run is going on; the errors of `work`
 */
export async function runAlone<T>(
  host: Machine,
  { command, emit }: { readonly command: LoneCommand; readonly emit: Emit },
  work: () => Promise<T>,
): Promise<T> {
  const own = await layNote(host, command, emit);
  try {
    for (const ended of await endedBeside(host, own)) await removeNote(host, ended, () => undefined);
    return await work();
  } finally {
    if (own !== undefined) await removeNote(host, own, emit);
  }
}

/** Returns the path of the note; undefined without one. Without /proc, there is no process that it could name. */
async function layNote(host: Machine, command: LoneCommand, emit: Emit): Promise<string | undefined> {
  const process = await thisProcess(host);
  if (process === undefined) return undefined;
  const file = `${folder}/kubeadm-run-${Buffer.from(host.random.bytes(6)).toString('hex')}.json`;
  const note: Note = { command, process };
  try {
    await host.files.write(file, `${JSON.stringify(note)}\n`, { mode: 0o644, directoryMode: 0o755 });
    return file;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    // Preflight refuses users other than root with its own error.
    if (host.system.uid() === 0) {
      const message = `kubeadm cannot tell other runs on this machine that it is running: ${messageOf(error)}`;
      emit({ type: 'warning', code: 'run-not-announced', message });
    }
    return undefined;
  }
}

async function removeNote({ files }: Pick<Machine, 'files'>, file: string, emit: Emit): Promise<void> {
  try {
    await files.remove(file);
  } catch (error) {
    const message = `kubeadm cannot remove the note that it was running: ${messageOf(error)}`;
    emit({ type: 'warning', code: 'run-not-announced', message });
  }
}

/**
 * Returns the notes of runs that have ended.
 *
 * @throws KubeadmError `unfinished-run` if a run without the note `own` is going on
 */
async function endedBeside(host: Reads, own: string | undefined): Promise<readonly string[]> {
  const others = (await notesIn(host)).filter(({ file }) => file !== own);
  const active = others.find(({ isActive }) => isActive);
  if (active !== undefined) throw anotherRuns(active.note);
  return others.map(({ file }) => file);
}

function anotherRuns({ command, process }: Note): KubeadmError {
  return new KubeadmError(
    'unfinished-run',
    `another kubeadm ${command} is running on this machine: process ${process.pid}`,
    { hint: 'Wait until it has ended, or end it.', details: { pid: process.pid } },
  );
}

interface FoundNote {
  readonly file: string;
  readonly note: Note;
  /** Whether the process of the note still exists. */
  readonly isActive: boolean;
}

async function notesIn(host: Reads): Promise<readonly FoundNote[]> {
  const names = (await host.files.list(folder).catch(() => undefined)) ?? [];
  const found: FoundNote[] = [];
  for (const file of names.filter((name) => noteName.test(name)).map((name) => `${folder}/${name}`)) {
    const note = await readNote(host, file);
    if (note !== undefined) found.push({ file, note, isActive: await isRunning(host, note.process) });
  }
  return found;
}

/** Returns undefined if that run has just ended, or if this kubeadm cannot read its note. */
async function readNote({ files }: Reads, file: string): Promise<Note | undefined> {
  try {
    const note: unknown = JSON.parse(await files.readText(file));
    return isNote(note) ? note : undefined;
  } catch {
    return undefined;
  }
}

function isNote(value: unknown): value is Note {
  return (
    isRecord(value) &&
    typeof value.command === 'string' &&
    isRecord(value.process) &&
    Number.isInteger(value.process.pid) &&
    typeof value.process.startTicks === 'string' &&
    typeof value.process.bootId === 'string'
  );
}
