import type { Emit } from '../events.ts';
import type { FileReads, FileWrites } from '../host.ts';
import { certificatesDirOf } from './documents.ts';
import { fingerprintOf, unknownFile } from './fingerprints.ts';
import { documentsOf, type InitRecord, readRecord, writeRecord } from './record.ts';

interface Files {
  readonly files: FileReads & FileWrites;
}

/**
 * Returns a host that adds the fingerprint of each key pair and kubeconfig to the record of an unfinished `init` before
 * it writes the file. After a power cut, kubeadm's own files can then be recognized. A single phase also adds its files,
 * if the record matches the disk. Without a record, nothing is added.
 */
export function withFingerprints<H extends Files>(host: H, emit: Emit): H {
  const { files } = host;
  /** Read once, because from then on only this run writes the record. */
  let record: InitRecord | undefined;
  let directory = '';
  let isKept = true;
  const note = async (path: string, text: string): Promise<void> => {
    if (!isKept) return;
    if (record === undefined) {
      record = await ownRecord(host);
      if (record === undefined) return;
      directory = certificatesDirOf(documentsOf(record));
    }
    const fingerprint = fingerprintOf({ path, text }, directory);
    if (fingerprint === undefined) return;
    record = { ...record, fingerprints: { ...record.fingerprints, [path]: fingerprint } };
    isKept = await writeRecord(host, record, emit);
  };
  /** Serializes the changes, because phases overlap and each change must contain those before it. */
  let last: Promise<void> = Promise.resolve();
  const noteKept = async (path: string, data: Uint8Array | string): Promise<void> => {
    if (typeof data !== 'string' || !/\.(key|conf)$/.test(path)) return;
    last = last.catch(() => undefined).then(() => note(path, data));
    await last;
  };
  const write: FileWrites['write'] = async (path, data, options) => {
    await noteKept(path, data);
    await files.write(path, data, options);
  };
  const writeAll: FileWrites['writeAll'] = async (contents) => {
    for (const { path, data } of contents) await noteKept(path, data);
    await files.writeAll(contents);
  };
  return { ...host, files: { ...files, write, writeAll } };
}

/** The record of an `init`, if it matches the disk. */
async function ownRecord(host: Files): Promise<InitRecord | undefined> {
  const result = await readRecord(host);
  if (result === undefined || !('record' in result) || result.record.command !== 'init') return undefined;
  const { record } = result;
  const unknown = await unknownFile(host, record.fingerprints, certificatesDirOf(documentsOf(record)));
  return unknown === undefined ? record : undefined;
}
