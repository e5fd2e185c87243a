import { uploadCertificates } from '../../cluster/upload-certs.ts';
import { certsSecret } from '../../names.ts';
import { initApi } from './api.ts';
import type { InitPhase } from './input.ts';

/** Stores the cluster's CAs and service account key, encrypted, for further control planes. */
export const uploadCerts: InitPhase = {
  name: 'upload-certs',
  short: `Store the certificates, sealed, in Secret ${certsSecret}`,
  flags: ['certificate-key', 'config', 'dry-run', 'kubeconfig', 'skip-certificate-key-print', 'upload-certs'],
  run: async (input, host, context) => {
    const say = (message: string): void => context.emit({ type: 'progress', topic: 'upload-certs', message });
    if (!input.options.uploadCerts) {
      say('Skipping phase. Please see --upload-certs');
      return;
    }
    say(`Storing the certificates in Secret "${certsSecret}" in the "kube-system" Namespace`);
    const { certificateKey, skipCertificateKeyPrint, uploadToken } = input.options;
    const { client, policy } = await initApi(input, host, context);
    const now = host.clock.now();
    const { cluster } = input;
    await uploadCertificates(host, client, { cluster, certificateKey, uploadToken, now, policy });
    if (!skipCertificateKeyPrint) context.emit({ type: 'certificate-key', key: certificateKey });
  },
};
