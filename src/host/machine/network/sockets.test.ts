import { createServer } from 'node:net';

import { expect, test } from 'vitest';

import { tryConnection } from './sockets.ts';
import { listen } from './tls.fixture.ts';

test('a port on which nothing listens refuses a connection, which is an answer too', async () => {
  const server = createServer((socket) => socket.destroy());
  const port = await listen(server);
  const url = `https://127.0.0.1:${port}/livez`;
  expect(await tryConnection(url, 2_000)).toBe('accepted');
  await new Promise((resolve) => server.close(resolve));
  expect(await tryConnection(url, 2_000)).toBe('refused');
});

test('an answer that came while this program did not run counts, although the time is over', async () => {
  const server = createServer((socket) => socket.destroy());
  const asked = tryConnection(`https://127.0.0.1:${await listen(server)}`, 20);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const end = performance.now() + 60;
  while (performance.now() < end);
  expect(await asked).toBe('accepted');
  await new Promise((resolve) => server.close(resolve));
});
