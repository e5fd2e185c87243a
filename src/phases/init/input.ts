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

/** The options of `kubeadm init`: built once, frozen, the same for every phase. */
export interface InitInput extends InitFamilyConfig {
  readonly options: InitOptions;
  /** Start of the run. The validity of certificates counts from it. */
  readonly startTime: Date;
  /**
   * Folders and files of the run. In a dry run, the phases use the same paths, and the host redirects the writes.
   */
  readonly paths: InitPaths;
  /** Patches from the folder of the configuration or the request; undefined without one, or if no phase needs them. */
  readonly patches: PatchSet | undefined;
  readonly externalCA: boolean;
  readonly externalFrontProxyCA: boolean;
  /** The part of the record that later tries need, besides the secrets. */
  readonly toRecord: Pick<InitRecord, 'documents' | 'completions'>;
  /** The unfinished run with the same settings that this run resumes; undefined if there is none. */
  readonly unfinished: InitRecord | undefined;
}

export interface InitPaths {
  /** Folder of the kubeconfig files; /etc/kubernetes unless --kubeconfig-dir sets another (single phases only). */
  readonly kubeconfigDir: string;
  /** The kubeconfig of the API phases; defaults to /etc/kubernetes/admin.conf. */
  readonly kubeconfig: string;
}

/** Options that have no field in the configuration. */
export interface InitOptions {
  readonly uploadCerts: boolean;
  readonly skipCertificateKeyPrint: boolean;
  readonly skipTokenPrint: boolean;
  readonly printManifest: boolean;
  /** Lower-case names, or `all`. */
  readonly ignorePreflightErrors: readonly string[];
  /** A secret with which upload-certs encrypts: from the user, from the unfinished run, or generated with the input. */
  readonly certificateKey: string;
  /** A secret: the token that deletes the uploaded certificates when it expires. Of the unfinished run, or generated. */
  readonly uploadToken: string;
}
