/** Decides whether a run resumes one that did not end, and whether it may. */
import { KubeadmError } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads, NetReads } from '../host.ts';
import {
  bootstrapKubeletConf,
  defaultCertificatesDir,
  kubeconfigFiles,
  kubeletConf,
  kubernetesDir,
  manifestsDir,
  runRecordFile,
} from '../names.ts';
import { keyFingerprint } from '../pki/fingerprint.ts';
import { apiServerMayRun } from './api-server.ts';
import { describeChange, refusedChanges } from './changed-settings.ts';
import { type Documents, parseDocumentsText, tokensOf } from './documents.ts';
import { changedFile, hasKnownFile, unknownFile } from './fingerprints.ts';
import {
  commandOf,
  directoryOf,
  documentsOf,
  type InitRecord,
  type JoinRecord,
  type RecordOf,
  type RunCommand,
  type RunRecord,
  readRecord,
} from './record.ts';

/** The reaction of a command to the record of a run that did not end. */
type FollowUp =
  /** It continues the other run. */
  | 'take-up'
  /** It undoes the other run, and its own record replaces the other one. */
  | 'replace'
  /** It ends before it changes anything. */
  | 'refuse';

/** The command that did not end -> the command that comes after it. */
const followUps: Readonly<Record<RunCommand, Readonly<Record<RunCommand, FollowUp>>>> = {
  init: { init: 'take-up', join: 'refuse', reset: 'replace', upgrade: 'refuse' },
  join: { init: 'refuse', join: 'take-up', reset: 'replace', upgrade: 'refuse' },
  reset: { init: 'refuse', join: 'refuse', reset: 'take-up', upgrade: 'refuse' },
  upgrade: { init: 'refuse', join: 'refuse', reset: 'replace', upgrade: 'take-up' },
};

interface Reads {
  readonly files: FileReads;
  readonly net: NetReads;
}

/**
 * Returns the run that the command continues; undefined if there is none. A record counts as absent if files exist that
 * the run did not create, with a warning `run-record-ignored`. For `init` and `join` it also counts as absent if nothing
 * of the run exists.
 *
 * @throws KubeadmError `unfinished-run` if another command did not end that must end first
 */
export async function unfinishedRun<Command extends RunCommand>(
  host: Reads,
  command: Command,
  emit: Emit,
): Promise<RecordOf<Command> | undefined> {
  const record = await recordOnDisk(host, emit);
  if (record === undefined) return undefined;
  if (command !== 'reset' && !(await hasLeftSomething(host, record))) return undefined;
  if (followUps[record.command][command] === 'refuse') throw await mustEndFirst(host, record, command);
  return isOf(record, command) ? record : undefined;
}

function isOf<Command extends RunCommand>(record: RunRecord, command: Command): record is RecordOf<Command> {
  return record.command === command;
}

/** @throws KubeadmError `unfinished-run` if `unfinishedRun` would now return another record */
export async function refuseOtherRecord<Command extends RunCommand>(
  host: Reads,
  command: Command,
  expected: RecordOf<Command> | undefined,
): Promise<void> {
  const found = await unfinishedRun(host, command, () => undefined);
  if (JSON.stringify(found) === JSON.stringify(expected)) return;
  throw new KubeadmError(
    'unfinished-run',
    'another kubeadm has worked on this machine since this one began',
    { hint: 'Run the same command again.' },
  );
}

/**
 * The command that removes the results of the run. `reset` empties the certificates folder, which may contain other
 * files, so the user must name the folder if it is not the default.
 */
export function undoOf(certificatesDir: string): string {
  return `kubeadm reset${certificatesDir === defaultCertificatesDir ? '' : ` --cert-dir ${certificatesDir}`}`;
}

/**
 * Compares the settings of the resumed run with the current ones. For a bootstrap token that is no longer configured, it
 * warns with `bootstrap-token-left`.
 *
 * @param documents the text that `documentsText` returns
 * @throws KubeadmError `unfinished-run` that names every changed setting that existing files contain
 */
export async function refuseChangedSettings(
  host: Reads,
  record: InitRecord,
  { documents, emit }: { readonly documents: string; readonly emit: Emit },
): Promise<void> {
  const [before, now] = [documentsOf(record), parseDocumentsText(documents)];
  const changes = await refusedChanges(host, before, now);
  if (changes.length === 0) return warnOfTokens(before, now, emit);
  const goOn = 'Use the old values to go on with that run.';
  const startOver = (await apiServerMayRun(host))
    ? 'The API server of this node may be in use, and the new values would need a cluster that is made anew.'
    : `To use the new ones, run '${undoOf(directoryOf(record))}' first, which undoes what it did.`;
  throw new KubeadmError(
    'unfinished-run',
    `the 'kubeadm init' of ${record.startedAt} did not end, and settings that are part of what it made have changed:\n` +
      changes.map((change) => `  ${describeChange(change)}`).join('\n'),
    { place: { file: runRecordFile }, hint: `${goOn} ${startOver}`, details: { changes } },
  );
}

/** Warns of tokens by their ids, which are not secret. */
function warnOfTokens(before: Documents, now: Documents, emit: Emit): void {
  const kept = tokensOf(now);
  for (const token of tokensOf(before).filter((old) => !kept.includes(old))) {
    const id = token.slice(0, token.indexOf('.'));
    emit({
      type: 'warning',
      code: 'bootstrap-token-left',
      message: `The bootstrap token ${id} of the run that did not end may be in the cluster: 'kubeadm token delete ${id}' removes it.`,
    });
  }
}

async function mustEndFirst(host: Reads, record: RunRecord, next: RunCommand): Promise<KubeadmError> {
  const { command, startedAt } = record;
  const name = commandOf(record);
  const again = `Run 'kubeadm ${name}' again first`;
  const ending = command === 'reset' ? `${again}.` : `${again} to end it, or 'kubeadm reset' to undo it.`;
  const hint = (await apiServerMayRun(host))
    ? 'The API server of this node may be in use: find out who uses its cluster before you remove anything.'
    : ending;
  return new KubeadmError(
    'unfinished-run',
    `the 'kubeadm ${name}' of ${startedAt} did not end, and files of the cluster are left`,
    { place: { file: runRecordFile }, hint, details: { command, next } },
  );
}

/** Returns the record if it is valid and matches the files. Otherwise it warns with `run-record-ignored`. */
export async function recordOnDisk(
  { files }: Pick<Reads, 'files'>,
  emit: Emit,
): Promise<RunRecord | undefined> {
  const ignore = (reason: string): undefined =>
    void emit({
      type: 'warning',
      code: 'run-record-ignored',
      message: `${runRecordFile}, the record of a run that did not end, is not used: ${reason}`,
    });
  const result = await readRecord({ files });
  if (result === undefined) return undefined;
  if ('ignored' in result) return ignore(result.ignored);
  const { record } = result;
  if (record.command === 'upgrade') {
    // An upgrade renews the other keys. The copies of another cluster must not be put back.
    const changed = await changedFile({ files }, record.fingerprints, record.certificatesDir);
    if (changed === undefined) return record;
    return ignore(
      `the 'kubeadm upgrade' of ${record.startedAt} was that of a cluster with another ${changed}`,
    );
  }
  const unknown = await unknownFile({ files }, record.fingerprints, directoryOf(record));
  if (unknown === undefined) return record;
  return ignore(`the 'kubeadm ${record.command}' of ${record.startedAt} did not make ${unknown}`);
}

/**
 * Whether something of the run exists. An `init` makes a file with a fingerprint before its first manifest, so other files
 * alone are not its own. A worker that joins makes no such file besides the certificate of the CA. A `reset` may already
 * have removed the files with fingerprints.
 */
export async function hasLeftSomething({ files }: Pick<Reads, 'files'>, record: RunRecord): Promise<boolean> {
  const directory = directoryOf(record);
  switch (record.command) {
    case 'init':
      return await hasKnownFile({ files }, record.fingerprints, directory);
    case 'join':
      return (
        (await hasKubeconfig(files, [bootstrapKubeletConf, kubeletConf])) ||
        (await hasAuthority(files, record)) ||
        (await hasKnownFile({ files }, record.fingerprints, directory))
      );
    case 'upgrade':
      return await hasKubeconfig(files, [kubeletConf]);
    case 'reset': {
      const { etcdDataDir } = record;
      const folders = [manifestsDir, directory, ...(etcdDataDir === undefined ? [] : [etcdDataDir])];
      for (const folder of folders) {
        const names = await files.list(folder).catch(() => undefined);
        if (names !== undefined && names.length > 0) return true;
      }
      return await hasKubeconfig(files, kubeconfigFiles);
    }
  }
}

/** The file of a worker can lie beside the certificates folder. */
async function hasAuthority(
  files: FileReads,
  { authorities = [], authorityFile }: JoinRecord,
): Promise<boolean> {
  if (authorityFile === undefined) return false;
  const text = await files.readText(authorityFile).catch(() => undefined);
  return text !== undefined && authorities.includes(keyFingerprint(text));
}

async function hasKubeconfig(files: FileReads, names: readonly string[]): Promise<boolean> {
  for (const name of names) {
    if ((await files.lstat(`${kubernetesDir}/${name}`)) !== undefined) return true;
  }
  return false;
}

/**
 * Refuses to continue a `join` under another name or in another role, because what it made holds them.
 *
 * @throws KubeadmError `unfinished-run`
 */
export function refuseOtherNode(
  record: JoinRecord,
  now: Pick<JoinRecord, 'nodeName' | 'controlPlane'>,
): void {
  const role = (controlPlane: boolean): string => (controlPlane ? 'a control plane' : 'a worker');
  const changes = [
    ...(record.nodeName === now.nodeName
      ? []
      : [`the name of the node was ${record.nodeName} and is now ${now.nodeName}`]),
    ...(record.controlPlane === now.controlPlane
      ? []
      : [`the node was to be ${role(record.controlPlane)} and is now to be ${role(now.controlPlane)}`]),
  ];
  if (changes.length === 0) return;
  throw new KubeadmError(
    'unfinished-run',
    `the 'kubeadm join' of ${record.startedAt} did not end, and ${changes.join(', and ')}`,
    {
      place: { file: runRecordFile },
      hint:
        'Use the old values to go on with that run. To use the new ones, run ' +
        `'${undoOf(record.certificatesDir)}' first, which undoes what it did.`,
      details: { changes },
    },
  );
}

/**
 * Refuses to continue a `join` in another cluster.
 *
 * @param found hashes as in the record, one of which must be in there
 * @param source names the place of these hashes, as in `the discovery found`
 * @throws KubeadmError `unfinished-run`
 */
export function refuseOtherCluster(
  { authorities = [], certificatesDir, startedAt }: JoinRecord,
  found: readonly string[],
  source: string,
): void {
  if (authorities.length === 0 || found.length === 0) return;
  if (found.some((hash) => authorities.includes(hash))) return;
  throw new KubeadmError(
    'unfinished-run',
    `the 'kubeadm join' of ${startedAt} did not end, and it joined another cluster: the CA of that one has the hash ` +
      `${authorities.join(', ')}, and ${source} ${found.join(', ')}`,
    {
      place: { file: runRecordFile },
      hint:
        'Name the cluster of that run to go on with it. To join another cluster, run ' +
        `'${undoOf(certificatesDir)}' first, which undoes what that run did.`,
      details: { before: authorities, now: found },
    },
  );
}
