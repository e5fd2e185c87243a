/** Makes certificates of the table or for a client in memory. `ca.ts` and `leaf.ts` write them to disk. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { keyAlgorithm } from '../config/hub.ts';
import type { Host } from '../host.ts';
import type { AuthoritySpec, LeafSpec } from './certificates.ts';
import { certificatePem } from './read-certificate.ts';
import type { NodeConfig, SubjectAltNames } from './sans.ts';
import { type Authority, createCertificate, createSelfSigned } from './x509.ts';

/** A certificate and its private key (a secret), both as PEM. */
export interface IssuedPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** The input for certificates; `InitInput` has these fields. */
export interface PkiInput extends NodeConfig {
  /** The start of the run, from which validity periods count. */
  readonly startTime: Date;
  /** The run that did not end. If it has a fingerprint for the path of a private key, that key gets its missing certificate. */
  readonly unfinished?: { readonly fingerprints: Readonly<Record<string, string>> } | undefined;
}

type Sources = Pick<Host, 'keys' | 'random'>;

/** The time by which certificates begin before the run, so that clocks of other machines may be a little late. */
const backdateMs = 5 * 60 * 1000;

export async function issueAuthority(
  { keys, random }: Sources,
  input: PkiInput,
  spec: AuthoritySpec,
): Promise<IssuedPair> {
  const { privateKey } = await keys.generate(keyAlgorithm(input.cluster));
  const template = {
    commonName: spec.commonName,
    organizations: [],
    dnsNames: [spec.commonName],
    ips: [],
    isCA: true,
    usages: [],
    notBefore: before(input.startTime),
    notAfter: after(input.startTime, input.cluster.caCertificateValidityPeriod),
  };
  const certificate = await createSelfSigned(template, createPrivateKey(privateKey), random.bytes(8));
  return { certificate: certificatePem(certificate), privateKey };
}

export interface LeafOrder {
  readonly input: PkiInput;
  readonly spec: LeafSpec;
  readonly names: SubjectAltNames;
  readonly authority: Authority;
}

/** As in upstream, the period can be longer than that of the authority. */
export function issueLeaf(
  sources: Sources,
  { input, spec, names, authority }: LeafOrder,
): Promise<IssuedPair> {
  const template = {
    commonName: spec.commonName(input),
    organizations: [],
    dnsNames: names.dnsNames,
    ips: names.ips,
    usages: spec.usages,
    notBefore: before(input.startTime),
    notAfter: after(input.startTime, input.cluster.certificateValidityPeriod),
  };
  return issue(sources, { template, algorithm: keyAlgorithm(input.cluster), authority });
}

export interface ClientOrder {
  readonly input: PkiInput;
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly authority: Authority;
  /** Defaults to certificateValidityPeriod after the start of the run. */
  readonly notAfter?: Date;
}

/** Makes a client certificate for a kubeconfig. It begins when its authority begins (app/phases/kubeconfig). */
export function issueClient(sources: Sources, order: ClientOrder): Promise<IssuedPair> {
  const { input, commonName, organizations, authority } = order;
  const template = {
    commonName,
    organizations,
    dnsNames: [],
    ips: [],
    usages: ['client'] as const,
    notBefore: authority.certificate.notBefore,
    notAfter: order.notAfter ?? after(input.startTime, input.cluster.certificateValidityPeriod),
  };
  return issue(sources, { template, algorithm: keyAlgorithm(input.cluster), authority });
}

type LeafTemplate = Omit<Parameters<typeof createCertificate>[0]['template'], 'isCA'>;

export interface Order {
  readonly template: LeafTemplate;
  readonly algorithm: ReturnType<typeof keyAlgorithm>;
  readonly authority: Authority;
}

/** Makes a key and a certificate for it that is not an authority. */
export async function issue(
  { keys, random }: Sources,
  { template, algorithm, authority }: Order,
): Promise<IssuedPair> {
  const { privateKey, publicKey } = await keys.generate(algorithm);
  const request = {
    template: { ...template, isCA: false },
    publicKey: createPublicKey(publicKey),
    serial: random.bytes(8),
  };
  return { certificate: certificatePem(await createCertificate(request, authority)), privateKey };
}

export function before(start: Date): Date {
  return new Date(start.getTime() - backdateMs);
}

export function after(start: Date, milliseconds: number): Date {
  return new Date(start.getTime() + milliseconds);
}
