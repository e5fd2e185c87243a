import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { hostArchitecture } from './architecture.ts';
import { artefactOf } from './artefacts.ts';
import { catalogue, type Program, type ProgramName } from './catalogue.ts';
import { createOfficialSource } from './official-source.ts';
import { type ReleaseServer, startReleaseServer } from './release-server.fixture.ts';
import { defaultRelease, findRelease, releases } from './releases.ts';
import type { Source } from './source.ts';

const programs = catalogue(findRelease(defaultRelease));
const architecture = hostArchitecture();

function named(name: ProgramName): Program {
  const found = programs.find((program) => program.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

const unpinned = (name: ProgramName): Program => ({ ...named(name), sha256: undefined });
const sha256 = (body: Buffer): string => createHash('sha256').update(body).digest('hex');

describe.each(releases)('artefacts of $version', (release) => {
  test('every program of a node but pause is in a release file, with a well-formed pin or none', () => {
    const without = catalogue(release).filter((program) => artefactOf(program, 'amd64') === undefined);
    expect(without.map(({ name }) => name)).toEqual(['e2e_kubeadm.test', 'pause']);
    for (const program of catalogue(release)) {
      for (const pin of Object.values(program.sha256 ?? {})) expect(pin).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  test('two release files never have the same pin', () => {
    const pins = new Map<string, string>();
    for (const program of catalogue(release)) {
      for (const one of ['amd64', 'arm64'] as const) {
        const { location = '', sha256: pin } = artefactOf(program, one) ?? {};
        if (pin === undefined) continue;
        expect(pins.get(pin) ?? location).toBe(location);
        pins.set(pin, location);
      }
    }
  });
});

test.each([
  ['kubelet', 'dl.k8s.io/release/v1.36.2/bin/linux/arm64/kubelet'],
  ['etcdctl', 'github.com/etcd-io/etcd/releases/download/v3.6.8/etcd-v3.6.8-linux-arm64.tar.gz'],
  ['coredns', 'github.com/coredns/coredns/releases/download/v1.14.2/coredns_1.14.2_linux_arm64.tgz'],
  [
    'ctr',
    'github.com/containerd/containerd/releases/download/v2.1.9/containerd-static-2.1.9-linux-arm64.tar.gz',
  ],
  [
    'bridge',
    'github.com/containernetworking/plugins/releases/download/v1.9.1/cni-plugins-linux-arm64-v1.9.1.tgz',
  ],
] as const)('the program %s is in the release file %s', (name, location) => {
  expect(artefactOf(named(name), 'arm64')?.location).toBe(location);
});

describe('createOfficialSource', () => {
  let directory = '';
  let server: ReleaseServer;
  let source: Source;
  let notes: string[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'official-'));
    server = await startReleaseServer();
    notes = [];
    const limits = { stallMs: 2000, tries: 2, pauseMs: 10, deadlineMs: 20_000 };
    source = createOfficialSource({
      downloads: join(directory, '.downloads'),
      mirror: `${server.url}/mirror/`,
      download: { authorities: server.authority, limits, environment: {} },
    });
  });
  afterEach(async () => {
    await server.close();
    await rm(directory, { recursive: true });
  });

  /** Serves the program's file, and its checksum where that is wanted. */
  function serve(program: Program, body: Buffer, checksums?: string): void {
    const artefact = artefactOf(program, architecture);
    server.files.set(`/mirror/${artefact?.location}`, { body });
    if (checksums !== undefined)
      server.files.set(`/mirror/${artefact?.checksums}`, { body: Buffer.from(checksums) });
  }

  async function obtain(program: Program): Promise<string> {
    const path = join(directory, program.name);
    await source.obtain(program, path, { note: (line) => notes.push(line) });
    return path;
  }

  async function archive(files: Readonly<Record<string, string>>): Promise<Buffer> {
    const folder = await mkdtemp(join(directory, 'pack-'));
    for (const [name, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    const target = `${folder}.tgz`;
    await promisify(execFile)('tar', ['-czf', target, '-C', folder, ...Object.keys(files)]);
    return readFile(target);
  }

  test('a downloaded program fits its published checksum, is executable, and reports its progress', async () => {
    const body = randomBytes(2_100_000);
    serve(unpinned('kubelet'), body, `${sha256(body)}\n`);
    const path = await obtain(unpinned('kubelet'));
    expect((await readFile(path)).equals(body)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o755);
    expect(notes.at(-1)).toBe('received 2 of 3 MB');
  });

  test('the published checksum of a pinned program is not asked for', async () => {
    const body = randomBytes(1000);
    const pinned = { ...named('kubelet'), sha256: { [architecture]: sha256(body) } };
    serve(pinned, body);
    await obtain(pinned);
    expect(server.asked.map(({ url }) => url)).toEqual([
      `/mirror/${artefactOf(pinned, architecture)?.location}`,
    ]);
  });

  test('a pinned program with other bytes is refused, whatever checksum is published', async () => {
    const body = randomBytes(1000);
    serve(named('kubelet'), body, sha256(body));
    await expect(obtain(named('kubelet'))).rejects.toThrow(
      /is not the expected file[\s\S]*pinned in components\//,
    );
    expect(await readdir(directory)).toEqual(['.downloads']);
    expect(await readdir(join(directory, '.downloads'))).toEqual([]);
  });

  test('a wrong published checksum is an error with its URL', async () => {
    serve(unpinned('kube-proxy'), randomBytes(1000), 'ab'.repeat(32));
    await expect(obtain(unpinned('kube-proxy'))).rejects.toThrow(
      /expected sha256 (ab){32} \(published at https:\S+kube-proxy\.sha256\)/,
    );
  });

  test('a program without a usable checksum is not downloaded', async () => {
    serve(unpinned('coredns'), randomBytes(10), '<html>sign in</html>');
    await expect(obtain(unpinned('coredns'))).rejects.toThrow(/has no sha256 of coredns_1\.14\.2_linux_/);
    expect(server.asked.length).toBe(1);
  });

  test('an archive is downloaded once for all of its programs, and removed at the end', async () => {
    const stem = `etcd-v3.6.8-linux-${architecture}`;
    const body = await archive({
      [`${stem}/etcd`]: 'E',
      [`${stem}/etcdctl`]: 'C',
      [`${stem}/README.md`]: 'R',
    });
    serve(unpinned('etcd'), body, `${sha256(body)}  ${stem}.tar.gz\n${'cd'.repeat(32)}  ${stem}.zip\n`);
    expect(await readFile(await obtain(unpinned('etcd')), 'utf8')).toBe('E');
    expect(await readFile(await obtain(unpinned('etcdctl')), 'utf8')).toBe('C');
    expect(server.asked.filter(({ url }) => url.endsWith('.tar.gz')).length).toBe(1);
    expect(await readdir(join(directory, '.downloads'))).toEqual([
      `${sha256(body).slice(0, 16)}-${stem}.tar.gz`,
    ]);
    await expect(obtain(unpinned('etcdutl'))).rejects.toThrow(`${stem}.tar.gz has no ${stem}/etcdutl`);
    await source.finish?.();
    expect((await readdir(directory)).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('names in an archive may begin with ./', async () => {
    const body = await archive({ './bridge': 'B', './host-local': 'H' });
    serve(unpinned('bridge'), body, sha256(body));
    expect(await readFile(await obtain(unpinned('bridge')), 'utf8')).toBe('B');
  });

  test('a broken archive with the right checksum leaves no files', async () => {
    const body = (await archive({ './bridge': 'B'.repeat(100_000) })).subarray(0, 100);
    serve(unpinned('bridge'), body, sha256(body));
    await expect(obtain(unpinned('bridge'))).rejects.toThrow(/^tar --list failed/);
    expect(await readdir(directory)).not.toContain('bridge');
  });

  test('a program that is in no release is refused before anything is downloaded', async () => {
    await expect(source.key(named('e2e_kubeadm.test'))).rejects.toMatchObject({
      message: 'no official release has a file with e2e_kubeadm.test',
      hint: expect.stringContaining('Go'),
    });
  });

  test('the key of a program depends on its release file, pin and path in it, not on the server', async () => {
    const key = await source.key(named('etcd'));
    const elsewhere = createOfficialSource({ downloads: '/elsewhere' });
    expect(await elsewhere.key({ ...named('etcd'), sizeMB: 1 })).toBe(key);
    const changed = [unpinned('etcd'), named('etcdctl'), { ...named('etcd'), version: 'v3.6.9' }];
    for (const other of changed) expect(await elsewhere.key(other)).not.toBe(key);
  });

  test('the size of an archive counts once for the disk that is needed', async () => {
    expect(await source.missingMB([named('etcd')])).toBeGreaterThan(0);
    const three = [named('etcd'), named('etcdctl'), named('etcdutl'), named('kubelet'), named('pause')];
    expect(await source.missingMB(three)).toBe(await source.missingMB([named('etcd')]));
  });
});
