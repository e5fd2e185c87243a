/** Begins the record of an `init`, a `join` or an upgrade, or resumes it. */
import { featureEnabled, type InitFamilyConfig } from '../config/hub.ts';
import type { Emit } from '../events.ts';
import type { FileReads, FileWrites, NetReads } from '../host.ts';
import { keyPath } from '../pki/files.ts';
import { keyFingerprint } from '../pki/fingerprint.ts';
import { clusterFingerprints, fingerprintsOnDisk } from './fingerprints.ts';
import { type InitRecord, type JoinRecord, type UpgradeRecord, writeRecord } from './record.ts';
import { removeTemporaryFiles } from './temporary-files.ts';
import { refuseOtherRecord } from './unfinished.ts';

export interface BeginningInit extends InitFamilyConfig {
  readonly startTime: Date;
  readonly options: { readonly certificateKey: string; readonly uploadToken: string };
  readonly toRecord: Pick<InitRecord, 'documents' | 'completions'>;
  /** The run that is resumed. */
  readonly unfinished: InitRecord | undefined;
}

interface BeginHost {
  readonly files: FileReads & FileWrites;
  readonly net: NetReads;
}

/**
 * Writes the record, then removes temporary files of an earlier try.
 *
 * @throws KubeadmError `unfinished-run` if another run has begun since this one read the record
 */
export async function beginInit(host: BeginHost, run: BeginningInit, emit: Emit): Promise<void> {
  const { cluster, options, startTime, toRecord, unfinished } = run;
  await refuseOtherRecord(host, 'init', unfinished);
  const { certificatesDir } = cluster;
  const record: InitRecord = {
    command: 'init',
    startedAt: unfinished?.startedAt ?? startTime.toISOString(),
    documents: toRecord.documents,
    completions: unfinished?.completions ?? toRecord.completions,
    secrets: { certificateKey: options.certificateKey, uploadToken: options.uploadToken },
    fingerprints: { ...(await fingerprintsOnDisk(host, certificatesDir)), ...unfinished?.fingerprints },
  };
  await writeRecord(host, record, emit);
  const rootless = featureEnabled(cluster, 'RootlessControlPlane');
  await removeTemporaryFiles(host.files, { certificatesDir, rootless, emit });
}

export interface BeginningJoin extends Pick<InitFamilyConfig, 'cluster'> {
  readonly nodeName: string;
  readonly controlPlane: boolean;
  /** PEM: the CA of the cluster, which the node will have on its disk. */
  readonly authority: string | undefined;
  /** As in the record. */
  readonly authorities: readonly string[];
  readonly authorityFile: string;
  readonly startTime: Date;
  /** The run that is resumed. */
  readonly unfinished: JoinRecord | undefined;
}

/**
 * Writes the record, then removes temporary files of an earlier try.
 *
 * @throws KubeadmError `unfinished-run` if another run has begun since this one read the record
 */
export async function beginJoin(host: BeginHost, run: BeginningJoin, emit: Emit): Promise<void> {
  const { authorities, authority, authorityFile, cluster, controlPlane, nodeName, startTime, unfinished } =
    run;
  await refuseOtherRecord(host, 'join', unfinished);
  const { certificatesDir } = cluster;
  const record: JoinRecord = {
    ...unfinished,
    command: 'join',
    startedAt: unfinished?.startedAt ?? startTime.toISOString(),
    certificatesDir,
    nodeName,
    controlPlane,
    authorityFile,
    ...(authorities.length === 0 ? {} : { authorities }),
    fingerprints: {
      ...(authority === undefined ? {} : { [keyPath(certificatesDir, 'ca')]: keyFingerprint(authority) }),
      ...(await fingerprintsOnDisk(host, certificatesDir)),
      ...unfinished?.fingerprints,
    },
  };
  await writeRecord(host, record, emit);
  const rootless = controlPlane && featureEnabled(cluster, 'RootlessControlPlane');
  await removeTemporaryFiles(host.files, { certificatesDir, rootless, emit });
}

export interface BeginningUpgrade
  extends Pick<
    UpgradeRecord,
    'advertiseAddress' | 'backups' | 'certificatesDir' | 'criSocket' | 'nodeName' | 'subcommand' | 'version'
  > {
  readonly startTime: Date;
  /**
   * The run that is resumed. Its components are settled, so its copy of etcd's data is removed, and so are the copies that it
   * did not complete.
   */
  readonly unfinished: UpgradeRecord | undefined;
}

/**
 * Removes the earlier try's copy of etcd's data, so that tries do not fill the disk. Then it writes the record and removes
 * temporary files.
 *
 * @throws FileError; KubeadmError `unfinished-run` if another run has begun since this one read the record
 */
export async function beginUpgrade(host: BeginHost, run: BeginningUpgrade, emit: Emit): Promise<void> {
  const { startTime, unfinished, ...values } = run;
  await refuseOtherRecord(host, 'upgrade', unfinished);
  if (unfinished !== undefined) await host.files.removeTree(unfinished.backups.etcd);
  const record: UpgradeRecord = {
    command: 'upgrade',
    startedAt: unfinished?.startedAt ?? startTime.toISOString(),
    ...values,
    swapping: {},
    fingerprints: await clusterFingerprints(host, run.certificatesDir),
  };
  await writeRecord(host, record, emit);
  const tries = unfinished === undefined ? [run] : [run, unfinished];
  const own = [
    ...new Set(tries.flatMap(({ backups: { etcd, kubelet, manifests } }) => [manifests, etcd, kubelet])),
  ];
  const { certificatesDir } = run;
  await removeTemporaryFiles(host.files, { certificatesDir, rootless: false, own, emit });
}
