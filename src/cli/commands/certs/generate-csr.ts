import { warnTo } from '../../../config/findings/warnings.ts';
import { loadInitFamily } from '../../../config/load.ts';
import { kubeconfigRequestPaths, makeKubeconfigRequests } from '../../../kubeconfig/signing-request.ts';
import { makeSigningRequests, refuseExisting, signingRequestPaths } from '../../../pki/signing-request.ts';
import { currentKubernetesVersion } from '../../../versions.ts';
import { command, type Invocation } from '../../command.ts';
import { flag } from '../../flags.ts';

export const generateCsr = command({
  name: 'generate-csr',
  short: 'Make keys and certificate signing requests, for an external CA to sign',
  long: `Make keys and certificate signing requests, for an external CA to sign. The command makes
one pair for each certificate of a control-plane node. It also makes kubeconfig files with a key
but without a certificate, each with a request FILE.csr beside it.

Put the signed certificates beside the keys, as NAME.crt, and those for the kubeconfig files
into their client-certificate-data, in base64. Existing files are never overwritten.`,
  example: `  # All keys, requests and kubeconfig files of a control-plane node, in a folder of their own
  kubeadm certs generate-csr --config kubeadm.yaml --kubeconfig-dir /tmp/k8s --cert-dir /tmp/k8s/pki`,
  flags: [
    flag('cert-dir', {
      default: '',
      usage: 'The directory for certificates and keys. By default it is that of the configuration.',
    }),
    'config',
    'kubeconfig-dir',
  ],
  run: async (invocation) => {
    const { flags, host, output } = invocation;
    const { cluster, init } = await loadConfiguration(invocation);
    const directory = flags.value('kubeconfig-dir');
    const paths = [...signingRequestPaths(cluster), ...kubeconfigRequestPaths(directory)];
    await refuseExisting(host.files, paths);
    const say = (folder: string, names: readonly string[]): void =>
      output.stdout(`generating keys and CSRs in ${folder}\n${names.map((name) => `  ${name}\n`).join('')}`);
    say(cluster.certificatesDir, await makeSigningRequests(host, { cluster, init }));
    say(directory, await makeKubeconfigRequests(host, { cluster, init, directory }));
  },
});

/** Sets a fixed version, so that the release server is not asked. The files of this command do not contain it. */
async function loadConfiguration({ emit, flags, host }: Invocation<'cert-dir' | 'config'>) {
  const configPath = flags.value('config');
  const overlay = { cluster: { kubernetesVersion: `v${currentKubernetesVersion}` } };
  const source = configPath === '' ? { overlay } : { configPath };
  const options = { criDetection: false, onWarning: warnTo(emit) };
  const { config } = await loadInitFamily(host, source, options);
  const certificatesDir = flags.value('cert-dir');
  return {
    init: config.init,
    cluster: certificatesDir === '' ? config.cluster : { ...config.cluster, certificatesDir },
  };
}
