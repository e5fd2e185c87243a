/**
 * The record of a run that has begun and not ended. docs/adr/0010 explains why it is kept, and why it lies there.
 * Upstream writes no file beside it, only root can read it, and it is gone when the run has ended.
 */
import type { Completions } from '../config/completions.ts';
import { FileError, isNotFound, messageOf } from '../errors.ts';
import type { RecordedMember } from '../etcd/own-member.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites } from '../host.ts';
import type { ClusterIdentity } from '../kubeconfig/cluster-identity.ts';
import { isRecord } from '../lib/is-record.ts';
import { runRecordFile, stateDir, staticPods } from '../names.ts';
import type { BackUps } from '../upgrade/back-up.ts';
import type { Swapping } from '../upgrade/swap.ts';
import { certificatesDirOf, type Documents, parseDocumentsText } from './documents.ts';
import type { Fingerprints } from './fingerprints.ts';

/** The values that every run keeps. */
interface Begun {
  /** RFC 3339, UTC: the start of the first try. */
  readonly startedAt: string;
  /** The key pairs and kubeconfigs that it found or made. A private key without fingerprint is the user's. */
  readonly fingerprints: Fingerprints;
}

export interface InitRecord extends Begun {
  readonly command: 'init';
  /** The configuration as it was loaded: a YAML text with a document of each kind, and a secret. */
  readonly documents: string;
  readonly secrets: InitSecrets;
  /** The values that machine and network completed in the first try. */
  readonly completions?: Completions | undefined;
}

/** Random values that no document holds, and that are the same in all tries. */
export interface InitSecrets {
  readonly certificateKey: string;
  /** The token whose Secret owns the uploaded certificates and takes them away when it expires. */
  readonly uploadToken: string;
}

/** A `join` that has begun. It has no secrets, because the same command has them again. */
export interface JoinRecord extends Begun {
  readonly command: 'join';
  /** The certificates directory of the cluster. */
  readonly certificatesDir: string;
  /** The name of the Node. */
  readonly nodeName: string;
  readonly controlPlane: boolean;
  /** `sha256:<hex>` of the public key of each CA that the discovery has found. It identifies the cluster. */
  readonly authorities?: readonly string[];
  /** The path of the file with the certificate of the CA: caCertPath. */
  readonly authorityFile?: string;
  /** The values that find and remove the etcd member of this node, as long as the node may be one. */
  readonly etcdMember?: RecordedMember;
  /** The data directory of etcd, after a try has found it empty. Its files are then of this run. */
  readonly etcdDataDir?: string;
}

export interface ResetRecord extends Begun {
  readonly command: 'reset';
  readonly certificatesDir: string;
  /**
   * The directory as the first try knew it, because later ones can no longer ask the cluster. It is undefined if the node
   * has no etcd of its own.
   */
  readonly etcdDataDir?: string;
  readonly rootless: boolean;
  /** The servers and authorities of the cluster, whose kubeconfigs the first try may have removed. */
  readonly identity?: ClusterIdentity;
  /**
   * The etcd member of this node and the values that remove it without its manifest, as long as the node may be a member.
   */
  readonly etcdMember?: RecordedMember;
  /** The member was removed, or did not have to be removed, so no later try asks for it. */
  readonly etcdMemberGone?: true;
  /** The directory of etcd's data, whose contents this run or an earlier try has deleted. */
  readonly emptiedEtcdDataDir?: string;
}

/** An `upgrade apply` or `upgrade node` that has begun. It has no secrets. */
export interface UpgradeRecord extends Begun {
  readonly command: 'upgrade';
  readonly subcommand: 'apply' | 'node';
  /** The new version of Kubernetes. */
  readonly version: string;
  readonly certificatesDir: string;
  readonly nodeName: string;
  readonly criSocket: string;
  /** The address of the API server of this node; empty on a worker. */
  readonly advertiseAddress: string;
  readonly backups: BackUps;
  /** The components whose manifest was replaced, and that have not come up yet. */
  readonly swapping: Swapping;
  /** The data directory of etcd, if the copy of its data may be put back: the member was the only one. */
  readonly etcdDataDir?: string;
}

export type RunRecord = InitRecord | JoinRecord | ResetRecord | UpgradeRecord;

/** The commands that keep a record. */
export type RunCommand = RunRecord['command'];

/** The record of one command. */
export type RecordOf<Command extends RunCommand> = Extract<RunRecord, { readonly command: Command }>;

/** A record of another format counts as absent. */
const format = 2;

interface Files {
  readonly files: FileReads & FileWrites;
}

/** A record, or the reason why the existing file counts as absent. */
type ReadResult = { readonly record: RunRecord } | { readonly ignored: string };

/** Returns undefined if there is no file. It never fails, because a run goes on without a record. */
export async function readRecord({ files }: { readonly files: FileReads }): Promise<ReadResult | undefined> {
  try {
    const record = parseRecord(await files.readText(runRecordFile));
    if (record.command === 'init') documentsOf(record);
    return { record };
  } catch (error) {
    if (isNotFound(error)) return undefined;
    if (error instanceof FileError) return { ignored: messageOf(error) };
    // The message may quote the file, which holds secrets.
    const isDamaged = error instanceof SyntaxError;
    return { ignored: isDamaged ? 'it is damaged' : 'another release of kubeadm wrote it' };
  }
}

/**
 * Writes the record. If it cannot be written, it warns with `run-record-not-kept`.
 *
 * @returns whether it was written
 */
export async function writeRecord({ files }: Files, record: RunRecord, emit: Emit): Promise<boolean> {
  try {
    await files.makeDirectory(stateDir, 0o700);
    await files.write(runRecordFile, `${JSON.stringify({ format, ...record }, undefined, 2)}\n`, {
      mode: 0o600,
    });
    return true;
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    emit({
      type: 'warning',
      code: 'run-record-not-kept',
      message: `kubeadm cannot keep a record of this run (${messageOf(error)}). If it is cut off, it cannot be taken up again.`,
    });
    return false;
  }
}

/** Changes the record of a `join` that has begun. Without such a record, it does nothing. */
export async function changeJoinRecord(
  host: Files,
  change: (record: JoinRecord) => JoinRecord,
  emit: Emit,
): Promise<void> {
  const record = await begunRecord(host);
  if (record?.command === 'join') await writeRecord(host, change(record), emit);
}

/** Changes the record of a `reset` that has begun. Without such a record, it does nothing. */
export async function changeResetRecord(
  host: Files,
  change: (record: ResetRecord) => ResetRecord,
  emit: Emit,
): Promise<void> {
  const record = await begunRecord(host);
  if (record?.command === 'reset') await writeRecord(host, change(record), emit);
}

/** Changes the record of an upgrade that has begun. Without such a record, it does nothing. */
export async function changeUpgradeRecord(
  host: Files,
  change: (record: UpgradeRecord) => UpgradeRecord,
  emit: Emit,
): Promise<void> {
  const record = await begunRecord(host);
  if (record?.command === 'upgrade') await writeRecord(host, change(record), emit);
}

async function begunRecord(host: Files): Promise<RunRecord | undefined> {
  const result = await readRecord(host);
  return result !== undefined && 'record' in result ? result.record : undefined;
}

/**
 * Removes the record for good, and its folder when nothing else is in there. If the record cannot be removed, it warns
 * with `run-record-not-removed`.
 */
export async function removeRecord({ files }: Files, emit: Emit): Promise<void> {
  try {
    if ((await files.lstat(runRecordFile)) !== undefined) await files.remove(runRecordFile, { sync: true });
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const result = await readRecord({ files });
    const holdsSecrets = result !== undefined && (!('record' in result) || result.record.command === 'init');
    const byHand = `Remove ${runRecordFile} by hand${holdsSecrets ? ', because it holds secrets' : ''}.`;
    emit({
      type: 'warning',
      code: 'run-record-not-removed',
      message: `kubeadm cannot remove the record of this run (${messageOf(error)}). ${byHand}`,
    });
    return;
  }
  try {
    if ((await files.list(stateDir))?.length === 0) await files.removeTree(stateDir);
  } catch (error) {
    // An empty folder that cannot be removed, such as a mount point, does no harm.
    if (!(error instanceof FileError)) throw error;
  }
}

/**
 * Parses a record. Only kubeadm writes the file, so only the values that a later run relies on are checked. The documents
 * are not checked.
 *
 * @throws Error when the text is not a record of this format
 */
export function parseRecord(text: string): RunRecord {
  const value: unknown = JSON.parse(text);
  if (!isRecord(value) || value.format !== format) throw new Error('unknown format');
  const { format: _, ...record } = value;
  const isBegun = hasTexts(record, ['startedAt']) && isRecord(record.fingerprints);
  if (!isBegun || !hasValues(record)) throw new Error('unknown run');
  return record as unknown as RunRecord;
}

type Values = Readonly<Record<string, unknown>>;

function hasTexts(value: unknown, names: readonly string[]): boolean {
  return isRecord(value) && names.every((name) => typeof value[name] === 'string');
}

/** Whether the record has the values of its command. */
function hasValues(record: Values): boolean {
  switch (record.command) {
    case 'init':
      return isRecord(record.secrets) && hasTexts(record, ['documents']);
    case 'join':
      return hasTexts(record, ['certificatesDir', 'nodeName']);
    case 'reset':
      return hasTexts(record, ['certificatesDir']);
    case 'upgrade':
      return hasUpgradeValues(record);
    default:
      return false;
  }
}

/** A later try writes and removes files by these values. */
function hasUpgradeValues({ backups, etcdDataDir, subcommand, swapping, ...record }: Values): boolean {
  return (
    (subcommand === 'apply' || subcommand === 'node') &&
    hasTexts(record, ['version', 'certificatesDir', 'nodeName', 'criSocket', 'advertiseAddress']) &&
    hasTexts(backups, ['manifests', 'etcd', 'kubelet']) &&
    isRecord(swapping) &&
    Object.keys(swapping).every((name) => staticPods.some((known) => known === name)) &&
    hasTexts(swapping, Object.keys(swapping)) &&
    (etcdDataDir === undefined || typeof etcdDataDir === 'string')
  );
}

/** Returns the documents of a record. A record that `readRecord` has returned has documents that can be parsed. */
export function documentsOf({ documents }: InitRecord): Documents {
  return parseDocumentsText(documents);
}

/** The certificates directory of the run. */
export function directoryOf(record: RunRecord): string {
  return record.command === 'init' ? certificatesDirOf(documentsOf(record)) : record.certificatesDir;
}

/** The words of the command, such as `upgrade apply`. */
export function commandOf(record: RunRecord): string {
  return record.command === 'upgrade' ? `upgrade ${record.subcommand}` : record.command;
}
