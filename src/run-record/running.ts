/**
 * Which whole runs work on this machine now: two at once would write over each other. Each one lays a note into /run
 * that names its process, and only then looks for the notes of others: of two runs the later one always sees the
 * earlier. (Two of the same instant may see each other, and both end.) The note of a process that is gone counts for
 * nothing.
 */
import { isNotFound, KubeadmError } from '../errors.ts';
import type { FileReads, FileWrites, Random } from '../host/host.ts';
import { isRunning, type ProcessIdentity, thisProcess } from './process.ts';

interface Reads {
  readonly files: FileReads;
}

interface Note {
  readonly command: 'init' | 'reset';
  readonly process: ProcessIdentity;
}

const folder = '/run';
const noteName = /^kubeadm-run-[0-9a-f]{12}\.json$/;

/** What a run is known by, also among those of one process. */
export function newRunId({ random }: { readonly random: Random }): string {
  return Buffer.from(random.bytes(6)).toString('hex');
}

/** @throws FileError; KubeadmError `unfinished-run` that names the process of a run that is going on */
export async function refuseBesideAnother(host: Reads): Promise<void> {
  await endedBeside(host, undefined);
}

/**
 * From here on until `endRun` other runs are refused. Where there is no /proc to tell the process, none is.
 *
 * @throws FileError; KubeadmError `unfinished-run` when another one is going on
 */
export async function beginRun(
  host: { readonly files: FileReads & FileWrites },
  { command, runId }: { readonly command: Note['command']; readonly runId: string },
): Promise<void> {
  const process = await thisProcess(host);
  if (process === undefined) return;
  const own = noteFile(runId);
  const note: Note = { command, process };
  await host.files.write(own, `${JSON.stringify(note)}\n`, { mode: 0o644, directoryMode: 0o755 });
  for (const ended of await endedBeside(host, own)) await host.files.remove(ended);
}

/** Also for a run that has not begun. */
export async function endRun({ files }: { readonly files: FileWrites }, runId: string): Promise<void> {
  await files.remove(noteFile(runId));
}

function noteFile(runId: string): string {
  return `${folder}/kubeadm-run-${runId}.json`;
}

/** The notes that runs have left which are no longer there. */
async function endedBeside(host: Reads, own: string | undefined): Promise<readonly string[]> {
  const names = (await host.files.list(folder)) ?? [];
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

/** undefined: that run has just ended, or the file is not one of kubeadm. */
async function readNote({ files }: Reads, file: string): Promise<Note | undefined> {
  try {
    return JSON.parse(await files.readText(file)) as Note;
  } catch (error) {
    if (isNotFound(error) || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
