/**
 * Which whole runs work on this machine now: two at once would write over each other. Each one lays a note into /run
 * that names its process, and only then looks for the notes of others, so that of two runs the later one always sees
 * the earlier. (Two of the same instant may see each other, and both end.) The note of a process that is gone counts
 * as absent.
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

/** @throws KubeadmError `unfinished-run` that names the process of a run that is going on */
export async function refuseBesideAnother(host: Reads): Promise<void> {
  await endedBeside(host, undefined);
}

/**
 * Does the work of a whole run. Other runs are refused while it lasts, whatever process they belong to. A note that
 * cannot be laid or removed is a warning `run-not-announced`, and never changes the result of the work.
 *
 * @throws KubeadmError `unfinished-run` when another run is going on; what `work` throws
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

/** Path of the note; undefined when none is laid. Without /proc there is no process that it could name. */
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
    // Preflight refuses other users, and says why.
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

/** The notes of runs that are no longer there. */
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

/** undefined when that run has just ended, or this kubeadm cannot read its note. */
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
