/**
 * The record of a run that has begun and not ended: why it is kept, and where, says docs/adr/0010. It lies beside
 * no file that upstream writes, only root can read it, and it is gone when the run ends.
 */
import type { Completions } from '../config/completions.ts';
import { isNotFound, KubeadmError, messageOf } from '../errors.ts';
import type { FileReads, FileWrites } from '../host/host.ts';
import { isRecord } from '../lib/is-record.ts';
import { runRecordFile, stateDir } from '../names.ts';
import type { Settings } from './settings.ts';

/** What every run keeps. */
interface Begun {
  /** RFC 3339, UTC: the start of the first try. */
  readonly startedAt: string;
}

export interface InitRecord extends Begun {
  readonly command: 'init';
  /** What must be the same in all tries. */
  readonly settings: Settings;
  readonly secrets: InitSecrets;
  /** What machine and network completed in the first try. */
  readonly completions?: Completions | undefined;
  readonly folders: { readonly certificatesDir: string; readonly etcdDataDir?: string };
  /** Paths of keys that had no second half when the first try began: they are the user's. */
  readonly lonelyKeys: readonly string[];
}

/** Made by chance once, and the same in all tries. */
export interface InitSecrets {
  /** Bootstrap tokens, in the order of the configuration. */
  readonly tokens: readonly string[];
  readonly certificateKey: string;
  /** The token whose Secret owns the uploaded certificates and takes them away when it expires. */
  readonly uploadToken: string;
}

export interface ResetRecord extends Begun {
  readonly command: 'reset';
  /** As the first try knew it: later ones can no longer ask the cluster. Left out: it has none. */
  readonly etcdDataDir?: string;
  readonly rootless: boolean;
}

export type RunRecord = InitRecord | ResetRecord;

/** Changes when a record of an older kubeadm cannot be read any more. */
const format = 1;

/**
 * The record of the run that did not end; undefined when there is none.
 *
 * @throws FileError; KubeadmError `unfinished-run` when it cannot be understood
 */
export async function readRecord({ files }: { readonly files: FileReads }): Promise<RunRecord | undefined> {
  let text: string;
  try {
    text = await files.readText(runRecordFile);
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
  try {
    return parse(JSON.parse(text));
  } catch (error) {
    throw new KubeadmError(
      'unfinished-run',
      `${runRecordFile}, the record of a run that did not end, cannot be read: ${messageOf(error)}`,
      {
        cause: error,
        place: { file: runRecordFile },
        hint: "Another release of kubeadm may have written it: go on with that one, or run 'kubeadm reset'.",
      },
    );
  }
}

export async function writeRecord(files: FileWrites, record: RunRecord): Promise<void> {
  await files.makeDirectory(stateDir, 0o700);
  await files.write(runRecordFile, `${JSON.stringify({ format, ...record }, undefined, 2)}\n`, {
    mode: 0o600,
  });
}

/** The run has ended: its record goes for good, and the folder with it when nothing else is in there. */
export async function removeRecord(files: FileReads & FileWrites): Promise<void> {
  await files.remove(runRecordFile, { sync: true });
  if ((await files.list(stateDir))?.length === 0) await files.removeTree(stateDir);
}

/** Only what would lead a later run astray is checked: nobody but kubeadm writes the file. */
function parse(value: unknown): RunRecord {
  if (!isRecord(value) || value.format !== format) throw new Error('its format is not known');
  const { format: _, ...record } = value;
  const known =
    record.command === 'reset' ||
    (record.command === 'init' && isRecord(record.secrets) && isRecord(record.settings));
  if (!known) throw new Error('it names no run that is known');
  return record as unknown as RunRecord;
}
