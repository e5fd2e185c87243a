import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, Keys } from '../host.ts';
import { runRecordFile } from '../names.ts';
import { keyFingerprint } from '../pki/fingerprint.ts';
import { certificatesDirOf } from './documents.ts';
import { fingerprintOf, unknownFile } from './fingerprints.ts';
import { documentsOf, type InitRecord, parseRecord, readRecord, writeRecord } from './record.ts';

interface NotingHost {
  readonly files: FileReads & FileWrites;
  readonly keys: Keys;
}

export interface NotingOptions {
  readonly certificatesDir: string;
  readonly emit: Emit;
}

/** What the files of a run are noted in. */
interface Notes {
  readonly record: InitRecord;
  readonly certificatesDir: string;
}

/**
 * A host whose files note the fingerprint of each key pair and kubeconfig in the record of an unfinished `init`,
 * before they write it: after a power cut every such file can be told from the files of others. A single phase notes
 * its files, too, if the record matches what is on the disk. Without a record, nothing is noted.
 */
export function withFingerprints<H extends NotingHost>(host: H, { certificatesDir, emit }: NotingOptions): H {
  const { files } = host;
  /** Read or written once: from then on this run is the only one that writes the record. */
  let notes: Notes | undefined;
  let isKept = true;
  // The public key of a new pair needs no parsing, a private key takes a millisecond.
  const fingerprints = new Map<string, string>();
  const ofKey = (pem: string): string => fingerprints.get(pem) ?? keyFingerprint(pem);
  const note = async (path: string, text: string): Promise<void> => {
    if (!isKept) return;
    notes ??= await notesOfOther(host);
    if (notes === undefined) return;
    const fingerprint = fingerprintOf({ path, text }, notes.certificatesDir, ofKey);
    if (fingerprint === undefined) return;
    const { record } = notes;
    notes = {
      ...notes,
      record: { ...record, fingerprints: { ...record.fingerprints, [path]: fingerprint } },
    };
    isKept = await writeRecord(host, notes.record, emit);
  };
  /** Phases overlap, and each note must hold those before it. */
  let last: Promise<void> = Promise.resolve();
  const noteKept = async (path: string, data: Uint8Array | string): Promise<void> => {
    if (typeof data !== 'string' || !/\.(key|conf)$/.test(path)) return;
    last = last.catch(() => undefined).then(() => note(path, data));
    await last;
  };
  const write: FileWrites['write'] = async (path, data, options) => {
    await noteKept(path, data);
    await files.write(path, data, options);
    // This run begins: to read its record back would take longer than to note all of its files.
    if (path === runRecordFile && typeof data === 'string') {
      const record = parseRecord(data);
      if (record.command === 'init') notes = { record, certificatesDir };
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

/** The record of an `init` that another process began, if it matches what is on the disk. */
async function notesOfOther(host: Pick<NotingHost, 'files'>): Promise<Notes | undefined> {
  const result = await readRecord(host);
  if (result === undefined || !('record' in result) || result.record.command !== 'init') return undefined;
  const { record } = result;
  const certificatesDir = certificatesDirOf(documentsOf(record));
  const unknown = await unknownFile(host, record.fingerprints, certificatesDir);
  return unknown === undefined ? { record, certificatesDir } : undefined;
}
