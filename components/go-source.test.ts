import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Program } from './catalogue.ts';
import { ComponentsError } from './errors.ts';
import { createGoSource, isGoNewEnough, programKey } from './go-source.ts';

const program: Program = {
  name: 'kubelet',
  version: 'v1.36.2',
  family: { folder: '.', module: 'k8s.io/kubernetes', version: 'v1.36.2', modulesMB: 1, buildMB: 1 },
  package: 'k8s.io/kubernetes/cmd/kubelet',
  kind: 'program',
  variables: { 'a/version.gitVersion': 'v1.36.2' },
  sizeMB: 1,
};
const files = [
  ['go.mod', 'module x'],
  ['go.sum', 'sum'],
] as const;

describe('programKey', () => {
  const key = programKey(program, 'go1.26.8', files);

  test('the key is the same for the same input', () => {
    expect(programKey({ ...program, sizeMB: 5 }, 'go1.26.8', files)).toBe(key);
  });

  test.each([
    ['Go version', programKey(program, 'go1.26.9', files)],
    ['go.sum', programKey(program, 'go1.26.8', [files[0], ['go.sum', 'other']])],
    ['a further file', programKey(program, 'go1.26.8', [...files, ['main.go', '']])],
    ['package', programKey({ ...program, package: 'p' }, 'go1.26.8', files)],
    ['kind', programKey({ ...program, kind: 'test' }, 'go1.26.8', files)],
    ['variables', programKey({ ...program, variables: {} }, 'go1.26.8', files)],
  ])('the key changes with the %s', (_, other) => {
    expect(other).not.toBe(key);
  });
});

test.each([
  ['go1.26', true],
  ['go1.26.0', true],
  ['go1.27rc1', true],
  ['go2.0', true],
  ['devel go1.30-abc', true],
  ['go1.25.9', false],
  ['go1.3', false],
  ['', false],
])('the version text %s of Go is new enough: %s', (version, expected) => {
  expect(isGoNewEnough(version, '1.26')).toBe(expected);
});

describe('createGoSource with a stand-in for go', () => {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'go-source-'));
    vi.stubEnv('PATH', `${directory}:/usr/bin:/bin`);
    vi.stubEnv('GOFLAGS', '-mod=vendor -race');
    vi.stubEnv('GOWORK', '/somewhere/go.work');
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true });
  });

  async function standIn(script: string): Promise<void> {
    await writeFile(join(directory, 'go'), `#!/bin/sh\n${script}\n`);
    await chmod(join(directory, 'go'), 0o755);
  }

  test('a missing Go is an error that says so', async () => {
    vi.stubEnv('PATH', directory);
    await expect(createGoSource(directory).key(program)).rejects.toThrow(/^Go is missing/);
  });

  test('a Go that is too old is an error, whether it tells its version or refuses the go.mod', async () => {
    await standIn(`echo '{"GOVERSION":"go1.24.4","GOCACHE":"/c","GOMODCACHE":"/m"}'`);
    await expect(createGoSource(directory).key(program)).rejects.toThrow(
      'Go 1.26 or newer is needed, found go1.24.4',
    );
    await standIn(
      `echo 'go: go.mod requires go >= 1.26.0 (running go 1.24.4; GOTOOLCHAIN=local)' >&2; exit 1`,
    );
    await expect(createGoSource(directory).key(program)).rejects.toThrow(
      'Go 1.26.0 or newer is needed, found go1.24.4',
    );
  });

  test('the environment does not change the flags of the build', async () => {
    await standIn(
      `echo "$* GOFLAGS=$GOFLAGS GOWORK=$GOWORK CGO_ENABLED=$CGO_ENABLED" > '${directory}/called'`,
    );
    await createGoSource(directory).obtain(program, '/out/kubelet', { note: () => {} });
    expect(await readFile(join(directory, 'called'), 'utf8')).toBe(
      'build -mod=readonly -trimpath -buildvcs=false -ldflags -s -w -X a/version.gitVersion=v1.36.2' +
        ' -o /out/kubelet k8s.io/kubernetes/cmd/kubelet GOFLAGS=-mod=readonly GOWORK=off CGO_ENABLED=0\n',
    );
  });

  test('a failed build shows the output of go, with a hint for the network or the disk', async () => {
    await standIn('echo "dial tcp: lookup proxy.test: no such host" >&2; exit 1');
    const offline = await createGoSource(directory)
      .obtain(program, '/out/kubelet', { note: () => {} })
      .catch((error: unknown) => error);
    expect(offline).toBeInstanceOf(ComponentsError);
    expect(offline).toMatchObject({
      message: expect.stringContaining('no such host'),
      hint: expect.stringContaining('proxy'),
    });
    await standIn('echo "write: no space left on device" >&2; exit 1');
    const full = createGoSource(directory).obtain(program, '/out/kubelet', { note: () => {} });
    await expect(full).rejects.toMatchObject({ hint: expect.stringContaining('disk') });
  });
});
