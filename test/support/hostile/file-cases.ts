/** Servers that a kubeconfig file names, and servers from which a kubeconfig is downloaded. */
import { type Answer, endless, whole } from './servers.ts';
import { base64, type Cases, info, secret, token, type World } from './world.ts';

export function fileCases({ client, elsewhere, own, pairs }: World): Cases {
  const Location = `https://127.0.0.1:${elsewhere.port}/`;
  const answer = info(own.ca);
  const withUser =
    (user: object) =>
    (server: string): object =>
      kubeconfig(own.ca, server, user);
  const file = withUser({ token });
  const password = withUser({ username: 'u', password: secret });
  const certificate = withUser({
    'client-certificate-data': base64(client.cert),
    'client-key-data': base64(client.key),
  });
  return {
    'a file': { outcome: 'accepted', answer, file, isProved: true },
    'a file with a client certificate': { outcome: 'accepted', answer, file: certificate, isProved: true },
    'a file, and a server of another CA': {
      outcome: 'certificate-of-other-authority',
      pair: pairs.other,
      answer,
      file,
    },
    'a file with a client certificate, and a server of another CA': {
      outcome: 'certificate-of-other-authority',
      pair: pairs.other,
      answer,
      file: certificate,
    },
    'a file with a password, and a server of another CA': {
      outcome: 'certificate-of-other-authority',
      pair: pairs.strange,
      answer,
      file: password,
    },
    'a file, and a server with an expired certificate': {
      outcome: 'certificate-not-valid-now',
      pair: pairs.expired,
      answer,
      file,
    },
    'a file, and a server for another name': {
      outcome: 'certificate-for-other-name',
      pair: pairs.otherName,
      answer,
      file,
    },
    'a file, and a redirect': {
      outcome: 'redirect',
      answer: () => whole('', '307 Temporary Redirect', { Location }),
      file,
      isProved: true,
    },
    'a file, and a server without TLS': {
      outcome: 'not-an-api-server',
      pair: null,
      answer: () => whole('{}'),
      file,
    },
    'a file with plain HTTP': {
      outcome: 'kubeconfig-invalid',
      pair: null,
      answer: () => whole('{}'),
      file: (server) => file(server.replace('https', 'http')),
    },
  };
}

export function downloadCases({ elsewhere, own, pairs }: World): Cases {
  const content = (server: string): string => JSON.stringify(kubeconfig(own.ca, server, { token }));
  const served =
    (answer: Answer) =>
    (server: string): Answer =>
    (socket, head) =>
      head.startsWith('GET /kubeconfig') ? answer(socket, head) : info(own.ca)(server)(socket, head);
  const good = (server: string): Answer => served(whole(content(server)))(server);
  const redirect = (Location: string) => served(whole('', '302 Found', { Location }));
  const isDownload = true;
  return {
    'a URL': { outcome: 'accepted', answer: good, isDownload, isProved: true },
    'a URL of another CA': {
      outcome: 'certificate-of-other-authority',
      pair: pairs.other,
      answer: good,
      isDownload,
    },
    'a URL without TLS': {
      outcome: 'not-an-api-server',
      pair: null,
      answer: () => whole('{}'),
      isDownload,
    },
    'a URL that redirects to another server': {
      outcome: 'kubeconfig-invalid',
      answer: redirect(`https://127.0.0.1:${elsewhere.port}/`),
      isDownload,
      isProved: true,
    },
    'a URL that redirects to plain HTTP': {
      outcome: 'redirect',
      answer: redirect('http://127.0.0.1:1/'),
      isDownload,
      isProved: true,
    },
    'a URL that redirects to itself': {
      outcome: 'redirect',
      answer: redirect('/kubeconfig'),
      isDownload,
      isProved: true,
    },
    'a URL without an end': {
      outcome: 'answer-too-large',
      answer: served(endless('x'.repeat(65_536))),
      isDownload,
      isProved: true,
    },
    'a slow URL without an end': {
      outcome: 'answer-too-slow',
      answer: served(endless(' ', { pauseMs: 20 })),
      isSilent: true,
      isDownload,
      isProved: true,
    },
    'a URL with deep nesting': {
      outcome: 'kubeconfig-invalid',
      answer: served(whole('['.repeat(500_000))),
      isDownload,
      isProved: true,
    },
    'a URL of a page': {
      outcome: 'kubeconfig-invalid',
      answer: served(whole('<html></html>')),
      isDownload,
      isProved: true,
    },
  };
}

function kubeconfig(authority: string, server: string, user: object): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
    users: [{ name: 'u', user }],
  };
}
