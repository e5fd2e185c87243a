import type { InitFamilyConfig } from '../../config/hub.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { Host } from '../../host.ts';
import type { PatchSet } from '../../patches/index.ts';
import type { InitRecord } from '../../run-record/record.ts';
import type { Phase, PhaseContext } from '../../workflow/phase.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { RunScope } from '../run-scope.ts';

/** A phase of `kubeadm init`. */
export type InitPhase = Phase<InitInput, Host, KubeadmEvent, PhaseFlag, RunScope>;

export type InitContext = PhaseContext<KubeadmEvent, RunScope>;

/** What `kubeadm init` was asked to do: built once, frozen, the same for every phase. */
export interface InitInput extends InitFamilyConfig {
  readonly options: InitOptions;
  /** Start of the run: certificates count from it. */
  readonly startTime: Date;
  /**
   * Folders and files of the run. In a dry run the phases still speak of these; the host maps the writes.
   */
  readonly paths: InitPaths;
  /** Of the configuration's or the request's folder; undefined without one, and when no phase of the run needs them. */
  readonly patches: PatchSet | undefined;
  readonly externalCA: boolean;
  readonly externalFrontProxyCA: boolean;
  /** What later tries must know of this one, beside its secrets. */
  readonly toRecord: Pick<InitRecord, 'documents' | 'completions'>;
  /** The run with the same settings that did not end and is taken up; undefined: there is none. */
  readonly unfinished: InitRecord | undefined;
}

export interface InitPaths {
  /** kubeconfig files; /etc/kubernetes unless --kubeconfig-dir says otherwise (single phases only). */
  readonly kubeconfigDir: string;
  /** The kubeconfig that the API phases use; /etc/kubernetes/admin.conf by default. */
  readonly kubeconfig: string;
}

/** What no field of the configuration holds. */
export interface InitOptions {
  readonly dryRun: boolean;
  readonly uploadCerts: boolean;
  readonly skipCertificateKeyPrint: boolean;
  readonly skipTokenPrint: boolean;
  readonly printManifest: boolean;
  /** Lower-case names, or `all`. */
  readonly ignorePreflightErrors: readonly string[];
  /** A secret: what upload-certs seals with; given, of the run before, or made when the input was built. */
  readonly certificateKey: string;
  /** A secret: the token that takes the uploaded certificates away when it expires; of the run before, or made. */
  readonly uploadToken: string;
}
