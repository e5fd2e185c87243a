import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type DownloadOptions, downloadFile, downloadText, partialPath } from './download.ts';
import { type ReleaseServer, type Served, startReleaseServer } from './release-server.fixture.ts';

const body = randomBytes(300_000);
const sha256 = createHash('sha256').update(body).digest('hex');
const limits = { stallMs: 400, tries: 3, pauseMs: 10, deadlineMs: 20_000 };

let directory = '';
let target = '';
let server: ReleaseServer;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'download-'));
  target = join(directory, 'kubelet');
  server = await startReleaseServer();
});
afterEach(async () => {
  await server.close();
  await rm(directory, { recursive: true });
});

function order(served: Partial<Served> = {}) {
  server.files.set('/kubelet', { body, ...served });
  return { url: `${server.url}/kubelet`, target, sha256, statedBy: 'pinned here' };
}

function options(more: DownloadOptions = {}): DownloadOptions {
  return { authorities: server.authority, limits, environment: {}, ...more };
}

const left = (): Promise<readonly string[]> => readdir(directory);
const ranges = (): readonly (string | undefined)[] => server.asked.map(({ range }) => range);

/** The range of a try after a connection that closed in the middle. A busy client loses the last bytes before the end. */
const goesOn = expect.stringMatching(/^bytes=[12]\d{5}-$/);

async function expectWhole(): Promise<void> {
  expect((await readFile(target)).equals(body)).toBe(true);
  expect(await left()).toEqual(['kubelet']);
}

describe('downloadFile', () => {
  test('a file comes over https, and its bytes are counted', async () => {
    const counts: (readonly [number, number | undefined])[] = [];
    await downloadFile(order(), options({ onProgress: (received, total) => counts.push([received, total]) }));
    await expectWhole();
    expect(counts.at(-1)).toEqual([body.length, body.length]);
    expect(ranges()).toEqual([undefined]);
  });

  test('a redirect is followed with the same range', async () => {
    const moved = order();
    server.files.set('/here', { body, redirect: '/kubelet' });
    await writeFile(partialPath(target), body.subarray(0, 1000));
    await downloadFile({ ...moved, url: `${server.url}/here` }, options());
    await expectWhole();
    expect(server.asked).toEqual([
      { url: '/here', range: 'bytes=1000-' },
      { url: '/kubelet', range: 'bytes=1000-' },
    ]);
  });

  test('a wrong checksum names the file and both sums, and leaves nothing', async () => {
    const wrong = downloadFile({ ...order(), sha256: 'ab'.repeat(32) }, options());
    await expect(wrong).rejects.toMatchObject({
      message: `${server.url}/kubelet is not the expected file\n  expected sha256 ${'ab'.repeat(32)} (pinned here)\n  got      sha256 ${sha256}`,
      hint: expect.stringContaining('do not use the file'),
    });
    expect(await left()).toEqual([]);
  });

  test.each(['cut', 'stall'] as const)(
    'a download goes on after the server did this in the middle: %s',
    async (kind) => {
      await downloadFile(order({ faults: { kind, times: 2 } }), options());
      await expectWhole();
      expect(ranges()).toEqual([undefined, goesOn, goesOn]);
    },
  );

  test('a download starts anew if the server has no ranges', async () => {
    await downloadFile(order({ ranges: false, faults: { kind: 'cut', times: 1 } }), options());
    await expectWhole();
    expect(ranges()).toEqual([undefined, goesOn]);
  });

  test('a download goes on from the part that an earlier run left', async () => {
    await writeFile(partialPath(target), body.subarray(0, 299_999));
    await downloadFile(order(), options());
    await expectWhole();
    expect(ranges()).toEqual(['bytes=299999-']);
  });

  test('a part that is the whole file already is taken', async () => {
    await writeFile(partialPath(target), body);
    await downloadFile(order(), options());
    await expectWhole();
  });

  test.each([
    ['of another file', randomBytes(1000)],
    ['longer than the file', randomBytes(body.length + 5)],
    ['as long, but other', randomBytes(body.length)],
  ])('a left part that is %s is thrown away', async (_, part) => {
    await writeFile(partialPath(target), part);
    await downloadFile(order(), options());
    await expectWhole();
    expect(ranges().at(-1)).toBe(undefined);
  });

  test('a download starts anew if the file was replaced between two tries', async () => {
    const before = order({ body: randomBytes(body.length), faults: { kind: 'cut', times: 1 } });
    const replace = (): void => void server.files.set('/kubelet', { body });
    await downloadFile(before, options({ onProgress: replace }));
    await expectWhole();
    expect(ranges()).toEqual([undefined, goesOn, undefined]);
  });

  test('a busy server is asked again', async () => {
    await downloadFile(order({ faults: { kind: '503', times: 2 } }), options());
    await expectWhole();
  });

  test('a server that stays busy is given up after the given tries', async () => {
    const busy = downloadFile(order({ faults: { kind: '503', times: 99 } }), options());
    await expect(busy).rejects.toThrow(
      `${server.url}/kubelet could not be downloaded, tried 3 times: the server answered 503 Service Unavailable`,
    );
    expect(server.asked.length).toBe(3);
  });

  test('a file that does not exist is asked for once', async () => {
    const missing = downloadFile({ ...order(), url: `${server.url}/none` }, options());
    await expect(missing).rejects.toMatchObject({
      message: `${server.url}/none: the server answered 404 Not Found`,
      hint: expect.stringContaining('COMPONENTS_MIRROR'),
    });
    expect(server.asked.length).toBe(1);
  });

  test('a download that is too slow ends at the deadline and keeps what came', async () => {
    const slow = downloadFile(
      order({ faults: { kind: 'trickle', times: 99 } }),
      options({ limits: { ...limits, deadlineMs: 500 } }),
    );
    await expect(slow).rejects.toThrow('was not complete after 0.5 s');
    expect(await left()).toEqual(['.kubelet.part']);
  });

  test('a broken-off download keeps its part, and never the file', async () => {
    const abort = new AbortController();
    const broken = downloadFile(
      order({ faults: { kind: 'stall', times: 99 } }),
      options({ signal: abort.signal, onProgress: () => setTimeout(() => abort.abort(), 50) }),
    );
    await expect(broken).rejects.toThrow('was aborted');
    expect(await left()).toEqual(['.kubelet.part']);
    expect(body.indexOf(await readFile(partialPath(target)))).toBe(0);
  });

  test('a server of an unknown authority is refused at once', async () => {
    const { authorities: _, ...untrusting } = options();
    await expect(downloadFile(order(), untrusting)).rejects.toMatchObject({
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
    expect(server.asked).toEqual([]);
  });

  test('a server that does not answer is tried as often as given, and named', async () => {
    const gone = order();
    await server.close();
    await expect(downloadFile(gone, options())).rejects.toThrow(
      /kubelet could not be downloaded, tried 3 times: .*REFUSED/,
    );
  });

  test.each(['http://dl.k8s.io/x', 'ftp://127.0.0.1/x'])('the URL %s is refused', async (url) => {
    await expect(downloadFile({ ...order(), url }, options())).rejects.toThrow(`${url}: only https is used`);
  });

  test('a redirect away from https is refused', async () => {
    server.files.set('/down', { body, redirect: 'http://mirror.test/kubelet' });
    const down = downloadFile({ ...order(), url: `${server.url}/down` }, options());
    await expect(down).rejects.toThrow('http://mirror.test/kubelet: only https is used');
  });

  test('endless redirects are refused', async () => {
    server.files.set('/round', { body, redirect: '/round' });
    const round = downloadFile({ ...order(), url: `${server.url}/round` }, options());
    await expect(round).rejects.toThrow('more than 5 redirects');
  });
});

describe('proxies of the environment', () => {
  let proxy: http.Server;
  let tunnels: string[] = [];
  beforeEach(async () => {
    tunnels = [];
    proxy = http.createServer();
    proxy.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      const { port } = new URL(server.url);
      const upstream = net.connect(Number(port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  afterEach(() => {
    proxy.closeAllConnections();
    proxy.close();
  });

  const address = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

  test.each(['HTTPS_PROXY', 'https_proxy'])(
    'the proxy of %s reaches a name that only the proxy knows',
    async (name) => {
      const url = 'https://localhost:4443/kubelet';
      await downloadFile({ ...order(), url }, options({ environment: { [name]: address() } }));
      await expectWhole();
      expect(tunnels).toEqual(['localhost:4443']);
    },
  );

  test('a host of NO_PROXY is asked without the proxy', async () => {
    await downloadFile(order(), options({ environment: { HTTPS_PROXY: address(), NO_PROXY: '127.0.0.1' } }));
    await expectWhole();
    expect(tunnels).toEqual([]);
  });
});

test('downloadText', async () => {
  server.files.set('/sum', { body: Buffer.from('abc'), faults: { kind: 'cut', times: 1 } });
  expect(await downloadText(`${server.url}/sum`, options())).toBe('abc');
  server.files.set('/big', { body: Buffer.alloc(1_100_000, 'a') });
  await expect(downloadText(`${server.url}/big`, options())).rejects.toThrow('larger than 1 MB');
});
