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

interface Note {
  readonly command: RunCommand;
  readonly process: ProcessIdentity;
}

const folder = '/run';
const noteName = /^kubeadm-run-[0-9a-f]{12}\.json$/;

/** @throws KubeadmError `unfinished-run` that names the process of another run */
export async function refuseBesideAnother(host: Reads): Promise<void> {
  await endedBeside(host, undefined);
}

/**
 * Does the work of a whole run. Meanwhile, other runs of any process are refused. If a note cannot be written or removed,
 * it warns with `run-not-announced`, and the result of the work does not change.
 *
 * @throws KubeadmError `unfinished-run` if another run is going on; the errors of `work`
 */
export async function runAlone<T>(
  host: Machine,
  { command, emit }: { readonly command: RunCommand; readonly emit: Emit },
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
async function layNote(host: Machine, command: RunCommand, emit: Emit): Promise<string | undefined> {
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

/** Returns the notes of runs that have ended. */
async function endedBeside(host: Reads, own: string | undefined): Promise<readonly string[]> {
  const names = (await host.files.list(folder).catch(() => undefined)) ?? [];
  const ended: string[] = [];
  for (const file of names.filter((name) => noteName.test(name)).map((name) => `${folder}/${name}`)) {
    if (file === own) continue;
    const note = await readNote(host, file);
    if (note === undefined) continue;
    const { command, process } = note;
    if (await isRunning(host, process)) {
      throw new KubeadmError(
        'unfinished-run',
        `another kubeadm ${command} is running on this machine: process ${process.pid}`,
        { hint: 'Wait until it has ended, or end it.', details: { pid: process.pid } },
      );
    }
    ended.push(file);
  }
  return ended;
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
