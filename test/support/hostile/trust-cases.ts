/** Servers that are not the API server of the cluster, or whose cluster-info is forged. */
import type { KubeObject } from '../../../src/clients/kube/kube-client.ts';
import { clusterInfoWithText, withData } from '../../../src/discovery/discovery.fixture.ts';
import { toYaml } from '../../../src/lib/yaml/write.ts';
import { inPieces, whole } from './servers.ts';
import { base64, type Cases, info, token, type World } from './world.ts';

export function clusterInfoCases({ other, own, pairs }: World): Cases {
  const honest = info(own.ca);
  const cluster = (server: string) => ({ server, 'certificate-authority-data': base64(own.ca) });
  return {
    'the cluster itself': { outcome: 'accepted', answer: honest, isProved: true },
    'an answer in 1-byte pieces': {
      outcome: 'accepted',
      answer: (server) => inPieces(honest(server)),
      isProved: true,
    },
    'no CA hash': {
      outcome: 'accepted',
      answer: honest,
      token: { caCertHashes: [], unsafeSkipCAVerification: true },
    },
    'another CA hash': {
      outcome: 'authority-not-pinned',
      answer: honest,
      token: { caCertHashes: [`sha256:${'0'.repeat(64)}`] },
    },
    'another CA in cluster-info': { outcome: 'authority-not-pinned', answer: info(other.ca) },
    'the CA of the attacker beside the pinned one': {
      outcome: 'certificate-of-other-authority',
      pair: pairs.other,
      answer: info(other.ca + own.ca),
    },
    'a signature of another token': {
      outcome: 'signature-wrong',
      answer: info(own.ca, (object) => clusterInfoWithText(textOf(object), [`abcdef.${'f'.repeat(16)}`])),
    },
    'a signature of another kubeconfig': {
      outcome: 'signature-wrong',
      answer: info(own.ca, (object) => withData(object, { kubeconfig: `${textOf(object)}# more\n` })),
    },
    'no signature': {
      outcome: 'signature-missing',
      answer: info(own.ca, (object) => withData(object, { 'jws-kubeconfig-abcdef': undefined })),
    },
    'an unknown token': {
      outcome: 'signature-missing',
      answer: honest,
      token: { token: token.replace('abcdef', 'uvwxyz') },
    },
    'two clusters': {
      outcome: 'kubeconfig-unusable',
      answer: (server) => {
        const clusters = ['', 'b'].map((name) => ({ name, cluster: cluster(server) }));
        const text = toYaml({ apiVersion: 'v1', kind: 'Config', clusters });
        return whole(JSON.stringify(clusterInfoWithText(text, [token])));
      },
    },
  };
}

export function certificateCases({ own, pairs }: World): Cases {
  const answer = info(own.ca);
  return {
    'a certificate of another CA': {
      outcome: 'certificate-of-other-authority',
      pair: pairs.strange,
      answer,
    },
    'a certificate of another CA with the same name': {
      outcome: 'certificate-of-other-authority',
      pair: pairs.other,
      answer,
    },
    'an expired certificate': { outcome: 'certificate-not-valid-now', pair: pairs.expired, answer },
    'a certificate of the future': { outcome: 'certificate-not-valid-now', pair: pairs.early, answer },
    'a certificate for another name': {
      outcome: 'certificate-for-other-name',
      pair: pairs.otherName,
      answer,
    },
    'the certificate of a client': { outcome: 'certificate-unusable', pair: pairs.clientOnly, answer },
    'a server without TLS': { outcome: 'not-an-api-server', pair: null, answer: () => whole('{}') },
  };
}

function textOf({ data }: KubeObject): string {
  return (data as { readonly kubeconfig: string }).kubeconfig;
}
