import { X509Certificate } from 'node:crypto';
import { createServer as createPlainServer } from 'node:net';
import { createServer, type TlsOptions } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';

import { servedCertificate } from './served-certificate.ts';
import { createTestPki, listen } from './tls.fixture.ts';

const timeoutMs = 5_000;

async function serve(options: TlsOptions): Promise<string> {
  const server = createServer(options, (socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  onTestFinished(() => void server.close());
  return `https://127.0.0.1:${await listen(server)}`;
}

test.each([
  ['a server that expects no client certificate', {}],
  ['a server that demands a client certificate', { requestCert: true, rejectUnauthorized: true }],
])('returns the certificate of %s, without checking it', async (_name, options) => {
  const { ca, expired } = await createTestPki();
  const url = await serve({ ...expired, ...options, ca });
  const served = await servedCertificate(url, { timeoutMs });
  expect(Buffer.from(served).equals(new X509Certificate(expired.cert).raw)).toBe(true);
});

test('a server that does not answer is a NetError with the reason', async () => {
  const server = createPlainServer((socket) => socket.resume());
  const port = await listen(server);
  const silent = servedCertificate(`https://127.0.0.1:${port}`, { timeoutMs: 50 });
  await expect(silent).rejects.toMatchObject({ code: 'net', reason: 'ETIMEDOUT' });
  await new Promise((resolve) => void server.close(resolve));
  const refused = servedCertificate(`https://127.0.0.1:${port}`, { timeoutMs });
  await expect(refused).rejects.toMatchObject({ code: 'net', reason: 'ECONNREFUSED' });
});
