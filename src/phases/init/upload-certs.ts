import { withInitClient } from '../../cluster/client.ts';
import { uploadCertificates } from '../../cluster/upload-certs.ts';
import { certsSecret } from '../../names.ts';
import type { InitPhase } from './phase.ts';

/** The cluster's CAs and service account key, sealed, for further control planes. */
export const uploadCerts: InitPhase = {
  name: 'upload-certs',
  short: `Store the certificates, sealed, in Secret ${certsSecret}`,
  flags: ['certificate-key', 'config', 'dry-run', 'kubeconfig', 'skip-certificate-key-print', 'upload-certs'],
  after: ['wait-control-plane/api-server'],
  run: async (input, host, context) => {
    const say = (message: string): void => context.emit({ type: 'progress', topic: 'upload-certs', message });
    if (!input.options.uploadCerts) {
      say('Skipping phase. Please see --upload-certs');
      return;
    }
    say(`Storing the certificates in Secret "${certsSecret}" in the "kube-system" Namespace`);
    const { certificateKey, skipCertificateKeyPrint, uploadToken } = input.options;
    await withInitClient(input, host, context, async (client, patience) => {
      const now = host.clock.now();
      const { cluster } = input;
      await uploadCertificates(host, client, { cluster, certificateKey, uploadToken, now, patience });
    });
    if (!skipCertificateKeyPrint) context.emit({ type: 'certificate-key', key: certificateKey });
  },
};
