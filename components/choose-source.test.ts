import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { catalogue, type Program } from './catalogue.ts';
import { chooseSource } from './choose-source.ts';
import { defaultRelease, findRelease } from './releases.ts';

const probe: Program = (() => {
  const [first] = catalogue(findRelease(defaultRelease));
  if (first === undefined) throw new Error('no programs');
  return first;
})();

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'choose-'));
  vi.stubEnv('PATH', directory);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true });
});

async function standIn(version: string): Promise<void> {
  const path = join(directory, 'go');
  await writeFile(path, `#!/bin/sh\necho '{"GOVERSION":"${version}","GOCACHE":"/c","GOMODCACHE":"/m"}'\n`);
  await chmod(path, 0o755);
}

const chosen = async (wanted?: string, environment: NodeJS.ProcessEnv = {}) => {
  const { source, reason } = await chooseSource(directory, probe, { wanted, environment });
  return [source.name, reason];
};

test('auto takes Go if it is installed and new enough', async () => {
  await standIn('go1.26.1');
  expect(await chosen()).toEqual(['go', undefined]);
});

test('auto takes the release files if Go is missing or too old, with the reason', async () => {
  expect(await chosen()).toEqual(['release', expect.stringMatching(/^Go is missing/)]);
  await standIn('go1.19.8');
  expect(await chosen()).toEqual(['release', 'Go 1.26 or newer is needed, found go1.19.8']);
});

test('the source of the option comes before that of the environment, and both before auto', async () => {
  expect(await chosen('go')).toEqual(['go', undefined]);
  await standIn('go1.26.1');
  expect(await chosen('release')).toEqual(['release', undefined]);
  expect(await chosen(undefined, { COMPONENTS_SOURCE: 'release' })).toEqual(['release', undefined]);
  expect(await chosen('go', { COMPONENTS_SOURCE: 'release' })).toEqual(['go', undefined]);
  expect(await chosen(undefined, { COMPONENTS_SOURCE: '' })).toEqual(['go', undefined]);
});

test('an unknown source is refused', async () => {
  await expect(chosen(undefined, { COMPONENTS_SOURCE: 'relase' })).rejects.toThrow('unknown source "relase"');
});
