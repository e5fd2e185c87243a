import { useRenewedCertificate } from '../../kubelet/client-certificate.ts';
import { startKubelet } from '../../kubelet/service.ts';
import { lastArgument } from '../../lib/arguments.ts';
import { joinPath } from '../../lib/join-path.ts';
import { kubeletConf, kubeletDir, kubernetesDir } from '../../names.ts';
import type { PhaseFlag } from '../phase-flag.ts';
import type { InitPhase } from './input.ts';

const flags: readonly PhaseFlag[] = ['cert-dir', 'config', 'dry-run'];
const path = `${kubernetesDir}/${kubeletConf}`;

const enableClientCertRotation: InitPhase = {
  name: 'enable-client-cert-rotation',
  short: 'Let the kubelet use the client certificate that it renews by itself',
  flags,
  run: async (input, host, context) => {
    const directory =
      lastArgument(input.init.nodeRegistration.kubeletExtraArgs, 'cert-dir') ?? `${kubeletDir}/pki`;
    const pem = joinPath(directory, 'kubelet-client-current.pem');
    if ((await host.files.stat(pem)) === undefined) {
      context.emit({
        type: 'detail',
        verbosity: 1,
        message: `the kubelet does not renew its client certificate: there is no ${pem}`,
      });
      return;
    }
    const message = `Updating "${path}" to point to a rotatable kubelet client certificate and key`;
    context.emit({ type: 'progress', topic: 'kubelet-finalize', message });
    await useRenewedCertificate(host.files, path, pem);
    await startKubelet(host.services, context);
  },
};

/** Prepares the kubelet for the time after its node has joined. */
export const kubeletFinalize: InitPhase = {
  name: 'kubelet-finalize',
  short: 'Finish the kubelet once the control plane is up',
  allFlags: flags,
  children: [enableClientCertRotation],
};
