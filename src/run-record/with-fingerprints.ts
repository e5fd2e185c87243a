import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, Keys } from '../host.ts';
import { runRecordFile } from '../names.ts';
import { keyFingerprint } from '../pki/fingerprint.ts';
import { fingerprintOf, unknownFile } from './fingerprints.ts';
import {
  directoryOf,
  type InitRecord,
  type JoinRecord,
  parseRecord,
  type RunRecord,
  readRecord,
  writeRecord,
} from './record.ts';

interface NotingHost {
  readonly files: FileReads & FileWrites;
  readonly keys: Keys;
}

/** The record of a run whose files later tries keep. */
type KeptRecord = InitRecord | JoinRecord;

/** The record that has the fingerprints of the files of a run. */
interface Notes {
  readonly record: KeptRecord;
  readonly certificatesDir: string;
}

/**
 * Returns a host that adds the fingerprint of each key pair and kubeconfig to the record of an unfinished `init` or `join` before it
 * writes the file. So every such file can be distinguished from the files of others after a power cut. A single phase adds
 * its files, too, if the record matches the files on the disk. Without a record, no fingerprint is kept.
 */
export function withFingerprints<H extends NotingHost>(host: H, emit: Emit): H {
  const { files } = host;
  /** The record is read or written once. After that, this run is the only one that writes it. */
  let notes: Notes | undefined;
  let canWrite = true;
  // The public key of a new pair needs no parsing, but that of a private key takes a millisecond.
  const fingerprints = new Map<string, string>();
  const ofKey = (pem: string): string => fingerprints.get(pem) ?? keyFingerprint(pem);
  const note = async (path: string, text: string): Promise<void> => {
    if (!canWrite) return;
    notes ??= await notesOfOther(host);
    if (notes === undefined) return;
    const { certificatesDir, record } = notes;
    const known = record.fingerprints;
    const added = fingerprintOf({ path, text }, certificatesDir, { known, ofKey });
    if (added === undefined) return;
    notes = { certificatesDir, record: { ...record, fingerprints: { ...known, ...added } } };
    canWrite = await writeRecord(host, notes.record, emit);
  };
  /** Phases overlap, and each note must hold those before it. */
  let last: Promise<void> = Promise.resolve();
  const noteKept = async (path: string, data: Uint8Array | string): Promise<void> => {
    if (!/\.(key|crt|pub|conf)$/.test(path)) return;
    const text = typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
    last = last.catch(() => undefined).then(() => note(path, text));
    await last;
  };
  const write: FileWrites['write'] = async (path, data, options) => {
    await noteKept(path, data);
    await files.write(path, data, options);
    // This run begins. To read its record again would take longer than to add all of its files.
    if (path === runRecordFile && typeof data === 'string') {
      const record = parseRecord(data);
      if (isKept(record)) notes = { record, certificatesDir: directoryOf(record) };
    }
  };
  const writeAll: FileWrites['writeAll'] = async (contents) => {
    for (const { path, data } of contents) await noteKept(path, data);
    await files.writeAll(contents);
  };
  const generate: Keys['generate'] = async (algorithm) => {
    const pair = await host.keys.generate(algorithm);
    fingerprints.set(pair.privateKey, keyFingerprint(pair.publicKey));
    return pair;
  };
  return { ...host, files: { ...files, write, writeAll }, keys: { generate } };
}

function isKept(record: RunRecord): record is KeptRecord {
  return record.command === 'init' || record.command === 'join';
}

/** Returns the record of a run that another process began, if it matches the files on the disk. */
async function notesOfOther(host: Pick<NotingHost, 'files'>): Promise<Notes | undefined> {
  const result = await readRecord(host);
  if (result === undefined || !('record' in result) || !isKept(result.record)) return undefined;
  const { record } = result;
  const certificatesDir = directoryOf(record);
  const unknown = await unknownFile(host, record.fingerprints, certificatesDir);
  return unknown === undefined ? { record, certificatesDir } : undefined;
}
