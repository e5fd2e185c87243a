/** The credentials that the API client sends, and the server that it talks to. */
import { writeFileSync } from 'node:fs';
import * as http from 'node:http';
import { describe, expect, test } from 'vitest';

import { object, path, ref, testApi } from './api.fixture.ts';

const api = testApi();

describe('the API client and its credentials', () => {
  test('sends user name and password, and those of the server URL only if there are no others', async () => {
    const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
    const server = api.url.replace('https://', 'https://url:pass@');
    await api.open({ server }, { username: 'me', password: 'pä:ss' }).get(ref);
    await api.open({ server }).get(ref);
    await api.open({ server }, { token: 't' }).get(ref);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      basic('me:pä:ss'),
      basic('url:pass'),
      'Bearer t',
    ]);
  });

  test('sends the impersonation headers', async () => {
    const extra = { asUid: '7', asGroups: ['g1', 'g2'], asUserExtra: { 'example.com/Scope%': ['a', 'b'] } };
    await api.open({}, { token: 't', as: 'jane', ...extra }).get(ref);
    const raw = api.requests[0]?.rawHeaders ?? [];
    const values = (name: string) =>
      raw.filter((_value, at) => at % 2 === 1 && raw[at - 1]?.toLowerCase() === name.toLowerCase());
    expect(values('Impersonate-User')).toEqual(['jane']);
    expect(values('Impersonate-Uid')).toEqual(['7']);
    expect(values('Impersonate-Group')).toEqual(['g1', 'g2']);
    expect(values('Impersonate-Extra-example.com%2FScope%25')).toEqual(['a', 'b']);
  });

  test('sends no credentials over plain HTTP', async () => {
    const plain = await api.serve(http.createServer(api.arrive));
    const secrets = {
      token: 't',
      clientCertificateData: api.pki.client.cert,
      clientKeyData: api.pki.client.key,
    };
    await api.open({ server: `127.0.0.1:${plain}` }, secrets).get(ref);
    expect(api.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('prefers the token file, and uses the token if the file cannot be read', async () => {
    writeFileSync(`${api.folder}/token`, 'of the file\n');
    await api.open({}, { token: 'own', tokenFile: `${api.folder}/token` }).get(ref);
    await api.open({}, { token: 'own', tokenFile: '/nowhere' }).get(ref);
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer of the file',
      'Bearer own',
    ]);
  });

  test('sends its release as User-Agent', async () => {
    await api.open().get(ref);
    expect(api.requests[0]?.headers['user-agent']).toMatch(/^kubeadm\/v1\.\d+\.\d+ \(linux\/\w+\)$/);
  });
});

describe('the API client and its server', () => {
  test('refuses invalid key material before it sends anything', () => {
    expect(() => api.open({ certificateAuthorityData: 'x' })).toThrow('is not PEM that can be read');
    expect(() => api.open({}, { clientCertificateData: 'x', clientKeyData: 'secret' })).toThrow('is not PEM');
  });

  test('accepts an address as tls-server-name', async () => {
    expect(await api.open({ tlsServerName: '127.0.0.1' }).get(ref)).toEqual(object);
    await expect(api.open({ tlsServerName: '10.0.0.1' }).get(ref)).rejects.toMatchObject({
      reason: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('never shows the password of basic authentication', async () => {
    const client = api.open({ server: 'https://u:secret@127.0.0.1:1' });
    expect(client.server).toBe('https://u:***@127.0.0.1:1');
    await expect(client.get(ref)).rejects.toThrow(/^https:\/\/u:\*\*\*@127\.0\.0\.1:1\//);
  });

  test('keeps a path in the server URL', async () => {
    await api.open({ server: `${api.url}/clusters/a/` }).get(ref);
    expect(api.requests[0]?.url).toBe(`/clusters/a${path}/x`);
  });
});
