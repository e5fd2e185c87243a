import { createServer } from 'node:tls';

import { expect, onTestFinished, test } from 'vitest';

import { openTcp, secured } from './connection.ts';
import { createTestPki, listen } from './tls.fixture.ts';

test('NODE_TLS_REJECT_UNAUTHORIZED does not turn off the check of the server', async () => {
  const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  onTestFinished(() => {
    if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before;
  });
  const [own, other] = [await createTestPki(), await createTestPki()];
  const server = createServer(own.server, (socket) => socket.on('error', () => undefined));
  server.on('tlsClientError', () => undefined);
  const port = await listen(server);
  onTestFinished(() => void server.close());
  const { signal } = new AbortController();
  const connectWith = async (ca: string) =>
    await secured(await openTcp('127.0.0.1', port, signal), '127.0.0.1', { tls: { ca }, signal });

  (await connectWith(own.ca)).destroy();
  await expect(connectWith(other.ca)).rejects.toThrow(/certificate/);
});
