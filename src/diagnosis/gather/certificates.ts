/** The certificates of a node, on disk. Nothing of a private key but whether it fits is kept. */
import type { FileReads } from '../../host.ts';
import { currentUserOf } from '../../kubeconfig/current.ts';
import { loadKubeconfig, readKubeconfig } from '../../kubeconfig/load.ts';
import { kubeconfigFiles, kubeletDir, kubernetesDir } from '../../names.ts';
import { authoritySpec, type CertificateSpec, certificates } from '../../pki/certificates.ts';
import { chainProblem } from '../../pki/chain.ts';
import {
  belongsTo,
  type CertificateFile,
  certificatePath,
  keyPath,
  parseCertificates,
  readCertificates,
  readPrivateKey,
} from '../../pki/files.ts';
import type { Certificate } from '../../pki/read-certificate.ts';
import { type CertificateFacts, kubeletClientName } from '../facts.ts';

const kubeletClientPath = `${kubeletDir}/pki/kubelet-client-current.pem`;

interface Reads {
  readonly files: FileReads;
}

/** The files of `gatherCertificates`. */
export function certificatePaths(certificatesDir: string): readonly string[] {
  return [
    ...certificates.flatMap(({ baseName }) => [
      certificatePath(certificatesDir, baseName),
      keyPath(certificatesDir, baseName),
    ]),
    kubeletClientPath,
    ...kubeconfigFiles.map((file) => `${kubernetesDir}/${file}`),
  ];
}

/** A file that is missing or cannot be read has no facts. */
export async function gatherCertificates(
  host: Reads,
  certificatesDir: string,
): Promise<readonly CertificateFacts[]> {
  const found = await Promise.all([
    ...certificates.map(async (spec) => await ofFile(host, spec, certificatesDir)),
    ofKubelet(host, certificatesDir),
    ...kubeconfigFiles.map(async (file) => await ofKubeconfig(host, file)),
  ]);
  const known = found.filter((facts) => facts !== undefined);
  // A kubeconfig can name the file that the kubelet rotates.
  return known.filter(({ path }, index) => known.findIndex((one) => one.path === path) === index);
}

async function ofFile(
  host: Reads,
  spec: CertificateSpec,
  directory: string,
): Promise<CertificateFacts | undefined> {
  const path = certificatePath(directory, spec.baseName);
  const file = await read(host, path);
  if (file === undefined) return undefined;
  const isAuthority = spec.kind === 'authority';
  const facts = {
    ...datesOf(isAuthority ? bundleOf(file) : [file.certificate]),
    path,
    name: spec.name,
    isAuthority,
    ...(await fitOf(host, file.certificate, keyPath(directory, spec.baseName))),
  };
  if (isAuthority) return facts;
  const authority = await read(host, certificatePath(directory, authoritySpec(spec.authority).baseName));
  return authority === undefined ? facts : { ...facts, isTrusted: isTrusted(file, bundleOf(authority)) };
}

async function ofKubeconfig(host: Reads, file: string): Promise<CertificateFacts | undefined> {
  const path = `${kubernetesDir}/${file}`;
  try {
    const user = currentUserOf(await loadKubeconfig(host, path));
    // The kubelet renews its certificate in a file of its own.
    const { clientCertificate = '' } = currentUserOf(await readKubeconfig(host, path));
    const own = clientCertificate.startsWith('/') ? clientCertificate : path;
    const { certificate } = parseCertificates(user.clientCertificateData ?? '', own);
    return { ...datesOf([certificate]), path: own, name: file, isAuthority: false };
  } catch {
    return undefined;
  }
}

/** The certificate that the kubelet got in its bootstrap or by rotation, and prefers to the one in its kubeconfig. */
async function ofKubelet(host: Reads, directory: string): Promise<CertificateFacts | undefined> {
  const file = await read(host, kubeletClientPath);
  if (file === undefined) return undefined;
  const facts = {
    ...datesOf([file.certificate]),
    path: kubeletClientPath,
    name: kubeletClientName,
    isAuthority: false,
  };
  const authority = await read(host, certificatePath(directory, authoritySpec('ca').baseName));
  return authority === undefined ? facts : { ...facts, isTrusted: isTrusted(file, bundleOf(authority)) };
}

async function read({ files }: Reads, path: string): Promise<CertificateFile | undefined> {
  return await readCertificates(files, path).catch(() => undefined);
}

function bundleOf({ certificate, intermediates }: CertificateFile): readonly Certificate[] {
  return [certificate, ...intermediates];
}

/** A bundle is valid as long as one of its certificates is. */
function datesOf(bundle: readonly Certificate[]): Pick<CertificateFacts, 'notBefore' | 'notAfter'> {
  return {
    notBefore: Math.min(...bundle.map(({ notBefore }) => notBefore.getTime())),
    notAfter: Math.max(...bundle.map(({ notAfter }) => notAfter.getTime())),
  };
}

/** A key that is missing or cannot be read proves nothing. */
async function fitOf(
  { files }: Reads,
  certificate: Certificate,
  path: string,
): Promise<Pick<CertificateFacts, 'keyFits'>> {
  try {
    return { keyFits: belongsTo(await readPrivateKey(files, path), certificate) };
  } catch {
    return {};
  }
}

/** Whether one of the authorities signed it, at a time when both were valid. */
function isTrusted(file: CertificateFile, authorities: readonly Certificate[]): boolean {
  return authorities.some((authority) => {
    const start = Math.max(authority.notBefore.getTime(), file.certificate.notBefore.getTime());
    return chainProblem(file, authority, new Date(start)) === undefined;
  });
}
