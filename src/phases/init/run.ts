import { localClient } from '../../cluster/client.ts';
import { type JoinAccess, joinAccess } from '../../cluster/join-access.ts';
import { currentCluster } from '../../cluster/join-command.ts';
import { staticPodsOf, waitFailed } from '../../cluster/wait-for-control-plane.ts';
import { keyAlgorithm } from '../../config/hub.ts';
import type { Host } from '../../host.ts';
import { Secret } from '../../lib/secret.ts';
import { dropRecordAfter } from '../../run-record/by-hand.ts';
import { withFingerprints } from '../../run-record/with-fingerprints.ts';
import type { RunContext } from '../execute.ts';
import { withPlannedKeys } from '../planned-keys.ts';
import { createRunScope, type RunScope } from '../run-scope.ts';
import { type Built, dryRunResult, runWorkflow } from '../run-workflow.ts';
import { clientOptions } from './api.ts';
import { buildInit } from './build-input.ts';
import { initPhases } from './index.ts';
import type { InitInput } from './input.ts';
import { keyPlan } from './key-plan.ts';
import type { InitRequest } from './request.ts';

/** The result of a finished `init`. */
export interface InitResult {
  /** Full names of the phases that ran, in list order. */
  readonly phases: readonly string[];
  /** `v1.36.2`. */
  readonly kubernetesVersion: string;
  readonly nodeName: string;
  /** Path of the administrator's kubeconfig; in a dry run it stands in `dryRun.directory` instead. */
  readonly kubeconfig: string;
  readonly certificatesDir: string;
  /** The directory that has the files of a dry run. It is undefined after a real run. */
  readonly dryRun: { readonly directory: string } | undefined;
  /** How nodes join; undefined when `show-join-command` was not in the run, or no token is configured. */
  readonly join: JoinAccess | undefined;
  /** Decrypts the uploaded certificates for two hours; undefined if none were uploaded. */
  readonly certificateKey: Secret | undefined;
}

/**
 * `kubeadm init`: creates a control plane on the host. Invalid requests are refused before the first write.
 *
 * @throws the errors of `buildInit`; KubeadmError `phase-unknown`, `phase-dependency`; those of `runWorkflow` if a phase fails
 *   (`preflight-failed`: `details.findings` are all of them) or `context.signal` is aborted
 */
export async function runInit(
  host: Host,
  request: InitRequest = {},
  context: RunContext = {},
): Promise<InitResult> {
  return await runWorkflow<InitInput, RunScope, InitResult>(host, context, {
    command: 'init',
    phases: initPhases,
    request,
    build: async (real, build) => await buildInit(real, request, build),
    openScope: ({ input, host: own }) =>
      createRunScope((asker) => localClient(own, clientOptions(input, true), asker)),
    prepare: async ({ input, host: own }, { emit, selected }, use) => {
      emit({ type: 'detail', verbosity: 2, message: `keys are made with ${keyAlgorithm(input.cluster)}` });
      const noting = withFingerprints(own, emit);
      const plan = await keyPlan(input, noting, selected);
      return await withPlannedKeys({ host: noting, plan, emit }, use);
    },
    diagnosis: {
      after: 'kubelet-start/start',
      wording: 'init',
      whatFailed: (phase) => (phase.startsWith('wait-control-plane') ? waitFailed : ''),
      source: async ({ input }) => ({
        criSocket: input.init.nodeRegistration.criSocket,
        components: staticPodsOf(input.cluster),
        certificatesDir: input.cluster.certificatesDir,
        since: input.startTime,
      }),
    },
    afterSingle: async (real, phases, emit) => await dropRecordAfter(real, { command: 'init', phases }, emit),
    result: async (built, phases) => await resultOf(built, phases),
  });
}

async function resultOf(
  { dryRun, host, input }: Built<InitInput>,
  phases: readonly string[],
): Promise<InitResult> {
  const { certificateKey, uploadCerts } = input.options;
  const uploaded = uploadCerts && phases.includes('upload-certs') ? certificateKey : undefined;
  return {
    phases,
    kubernetesVersion: input.cluster.kubernetesVersion,
    nodeName: input.init.nodeRegistration.name,
    kubeconfig: input.paths.kubeconfig,
    certificatesDir: input.cluster.certificatesDir,
    dryRun: dryRunResult(dryRun),
    join: phases.includes('show-join-command') ? await accessOf(input, host, uploaded) : undefined,
    certificateKey: uploaded === undefined ? undefined : new Secret(uploaded),
  };
}

async function accessOf(
  { init, paths }: InitInput,
  host: Host,
  certificateKey: string | undefined,
): Promise<JoinAccess | undefined> {
  const token = init.bootstrapTokens[0]?.token;
  if (token === undefined) return undefined;
  return joinAccess(await currentCluster(host, paths.kubeconfig), { token, certificateKey });
}
