import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { fileAvailable } from './file-available.ts';

const path = '/etc/kubernetes/manifests/etcd.yaml';
const check = fileAvailable(path);

test('the check FileAvailable has a name with a double dash', () => {
  expect(check.name).toBe('FileAvailable--etc-kubernetes-manifests-etcd.yaml');
});

test('the check FileAvailable fails when anything is there, but not for a link to nowhere', async () => {
  expect(await verdict(check)).toEqual(clean);
  expect(await verdict(check, { files: { [path]: { link: '/nowhere' } } })).toEqual(clean);
  for (const spec of ['', { directory: true } as const]) {
    const { errors } = await verdict(check, { files: { [path]: spec } });
    expect(errors).toEqual([expect.stringContaining(`${path} already exists`)]);
  }
});

test('the check FileAvailable passes when the path cannot be looked at', async () => {
  expect(await verdict(check, {}, ({ disk }) => disk.fail(path, 'EACCES'))).toEqual(clean);
});
