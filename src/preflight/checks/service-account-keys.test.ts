import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { defaultCluster } from '../../config/v1beta4/defaults.ts';
import { kubeadmVersion } from '../../versions.ts';
import { clean, verdict } from '../verdict.fixture.ts';
import { serviceAccountKeys } from './service-account-keys.ts';

function pair(): { readonly key: string; readonly pub: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    pub: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const [one, two] = [pair(), pair()];
const folder = '/etc/kubernetes/pki';

async function judged(files: Readonly<Record<string, string>>, extraArgs: readonly object[] = []) {
  const cluster = defaultCluster({ kubernetesVersion: kubeadmVersion, apiServer: { extraArgs } });
  return await verdict(serviceAccountKeys(cluster), { files });
}

test('the check ServiceAccountKeys warns of a sa.pub that belongs to another key', async () => {
  expect(await judged({ [`${folder}/sa.key`]: one.key, [`${folder}/sa.pub`]: two.pub })).toEqual({
    errors: [],
    warnings: [expect.stringMatching(/sa\.pub is not that of .*sa\.key.*Unauthorized/)],
  });
});

test.each([
  ['the pair', { [`${folder}/sa.key`]: one.key, [`${folder}/sa.pub`]: one.pub }],
  ['several keys', { [`${folder}/sa.key`]: one.key, [`${folder}/sa.pub`]: two.pub + one.pub }],
  ['a key without its public key', { [`${folder}/sa.key`]: one.key }],
  ['files without keys', { [`${folder}/sa.key`]: 'x', [`${folder}/sa.pub`]: 'y' }],
  ['an empty public key', { [`${folder}/sa.key`]: one.key, [`${folder}/sa.pub`]: '' }],
  ['no files', {}],
])('the check ServiceAccountKeys does not warn of %s', async (_, files) => {
  expect(await judged(files)).toEqual(clean);
});

test('the check ServiceAccountKeys does not warn if arguments name other keys', async () => {
  const files = { [`${folder}/sa.key`]: one.key, [`${folder}/sa.pub`]: two.pub };
  expect(await judged(files, [{ name: 'service-account-key-file', value: '/x' }])).toEqual(clean);
});
