import { createPrivateKey, createPublicKey } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { generateKey } from '../pki/generate-key.ts';
import { type Certificate, certificatePem, parseCertificate } from '../pki/read-certificate.ts';
import { type Authority, createCertificate, createSelfSigned } from '../pki/x509.ts';
import { authoritiesOf, checkValidity, pinned } from './authorities.ts';
import { pinOf } from './ca-pins.ts';
import { createNode, outcomeOf, pinsOf, signedClusterInfo, tokenDiscovery } from './discovery.fixture.ts';
import { createServerClock } from './server-clock.ts';

const now = new Date('2026-11-30T12:00:00Z');
const day = 86_400_000;
const serial = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);

/** An authority with this name; self-signed if it has no issuer. */
async function authority(commonName: string, issuer?: Authority, isCA = true): Promise<Authority> {
  const key = createPrivateKey((await generateKey('ECDSA-P256')).privateKey);
  const template = {
    commonName,
    organizations: [],
    dnsNames: [],
    ips: [],
    isCA,
    usages: [],
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + day),
  };
  const der =
    issuer === undefined
      ? await createSelfSigned(template, key, serial)
      : await createCertificate({ template, publicKey: createPublicKey(key), serial }, issuer);
  return { certificate: parseCertificate(der), key };
}

let root: Authority;
let other: Authority;
let intermediate: Authority;
let leaf: Authority;
let belowLeaf: Authority;

beforeAll(async () => {
  [root, other] = [await authority('root'), await authority('root')];
  intermediate = await authority('intermediate', root);
  leaf = await authority('leaf', root, false);
  belowLeaf = await authority('below', leaf);
});

describe('a pin proves', () => {
  const proved = (bundle: readonly Authority[], pins: readonly Authority[]): readonly Certificate[] =>
    pinned(
      bundle.map(({ certificate }) => certificate),
      new Set(pins.map(({ certificate }) => pinOf(certificate))),
    );

  test('its certificate, and not another one beside it with the same name', () => {
    expect(proved([other, root], [root])).toEqual([root.certificate]);
  });

  test('the certificates that a proved one has signed', () => {
    expect(proved([intermediate, root], [root])).toEqual([intermediate.certificate, root.certificate]);
    expect(proved([intermediate, root], [intermediate])).toEqual([intermediate.certificate]);
  });

  test('nothing below a certificate that may not sign others', () => {
    expect(proved([belowLeaf, leaf, root], [root])).toEqual([leaf.certificate, root.certificate]);
  });

  test('nothing if no certificate has it', () => {
    expect(() => proved([root, intermediate], [other])).toThrow('is not the pinned one');
  });
});

test('the second request trusts only the pinned CA of a bundle, and the kubeconfig gets the whole bundle', async () => {
  const bundle = [other, root].map(({ certificate }) => certificatePem(certificate.der)).join('');
  const host = createNode(signedClusterInfo({ authority: bundle }), { now });
  const discovery = tokenDiscovery({ caCertHashes: [pinOf(root.certificate)] });
  const { kubeconfig, error } = await outcomeOf(host, discovery);
  expect(error).toBeUndefined();
  const trusted = host.api.requests.map(
    (request) => request.kubeconfig.clusters[0]?.certificateAuthorityData,
  );
  expect(trusted).toEqual([undefined, certificatePem(root.certificate.der)]);
  expect(kubeconfig?.clusters[0]?.certificateAuthorityData).toBe(bundle);
});

test('every certificate of a bundle can be pinned', () => {
  const bundle = [other, root]
    .map(({ certificate }) => certificatePem(certificate.der))
    .join('# a comment\n');
  expect(pinsOf(bundle)).toEqual([pinOf(other.certificate), pinOf(root.certificate)]);
});

test('a bundle is accepted if one of its certificates is valid now', () => {
  const { certificate } = root;
  const expired = { ...certificate, notAfter: new Date(now.getTime() - 1) };
  const clock = { now: () => now };
  const check = (...given: readonly Certificate[]): void =>
    checkValidity(given, clock, createServerClock(clock));
  expect(() => check(expired, certificate)).not.toThrow();
  expect(() => check(expired)).toThrow('has expired at 2026-11-30T11:59:59.999Z');
});

test('a cluster without a CA, and one whose CA cannot be read, are refused', () => {
  expect(() => authoritiesOf({ name: 'a', server: 'https://a' })).toThrow('has no usable CA certificate');
  const certificateAuthorityData = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  expect(() => authoritiesOf({ name: 'a', server: 'https://a', certificateAuthorityData })).toThrow(
    'certificate number 1',
  );
});
