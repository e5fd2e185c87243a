/** The pins of `--discovery-token-ca-cert-hash`: hashes of public keys in the style of RFC 7469. */
import { createHash } from 'node:crypto';
import { KubeadmError } from '../errors.ts';
import type { Certificate } from '../pki/read-certificate.ts';

const hashLength = 64;

/**
 * Reads `sha256:<64 hexadecimal digits>`, in lower or upper case. Source: util/pubkeypin.
 *
 * @returns the hashes as `pinOf` writes them
 * @throws KubeadmError `config-invalid` that names the hash
 */
export function parsePins(hashes: readonly string[]): ReadonlySet<string> {
  return new Set(hashes.map(parsePin));
}

function parsePin(hash: string, index: number): string {
  const [format = '', value = '', ...more] = hash.split(':');
  const fail = (problem: string): never => {
    throw new KubeadmError(
      'config-invalid',
      `invalid discovery token CA certificate hash "${hash}": ${problem}`,
      {
        place: { path: `discovery.bootstrapToken.caCertHashes[${index}]` },
        hint: 'Run "kubeadm token create --print-join-command" on a control plane node. The command that it prints has the hash.',
      },
    );
  };
  if (!hash.includes(':') || more.length > 0) return fail('the format is sha256:<64 hexadecimal digits>');
  if (format.toLowerCase() !== 'sha256') return fail(`the format "${format}" is unknown; sha256 is allowed`);
  if (value.length !== hashLength)
    return fail(`it has ${value.length} hexadecimal digits instead of ${hashLength}`);
  if (!/^[0-9a-f]*$/i.test(value)) return fail('it has characters that are not hexadecimal digits');
  return `sha256:${value.toLowerCase()}`;
}

/** `sha256:<hexadecimal digits>` of the certificate's subject public key info. */
export function pinOf({ publicKeyInfo }: Certificate): string {
  return `sha256:${createHash('sha256').update(publicKeyInfo).digest('hex')}`;
}
