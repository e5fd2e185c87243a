import { expect, test } from 'vitest';

import { redact } from '../lib/redact.ts';
import { configurationKinds, isSecret, secretFields } from './secrets.ts';

test('secretFields lists the secret fields of each kind', () => {
  const known = Object.fromEntries(configurationKinds.map((kind) => [kind, secretFields(kind)]));
  const variables = ['apiServer', 'controllerManager', 'etcd.local', 'scheduler'];
  expect(known).toEqual({
    InitConfiguration: ['bootstrapTokens.*.token', 'certificateKey'],
    ClusterConfiguration: variables.map((component) => `${component}.extraEnvs.*.value`),
    JoinConfiguration: [
      'controlPlane.certificateKey',
      'discovery.bootstrapToken.token',
      'discovery.tlsBootstrapToken',
    ],
    ResetConfiguration: [],
    UpgradeConfiguration: [],
    KubeletConfiguration: ['staticPodURLHeader.*.*'],
    KubeProxyConfiguration: [],
  });
});

test.each([
  ['InitConfiguration', 'bootstrapTokens[0].token', true],
  ['InitConfiguration', 'bootstrapTokens[0].ttl', false],
  ['InitConfiguration', 'bootstrapTokens', true],
  ['ClusterConfiguration', 'apiServer.extraEnvs[1].value', true],
  ['ClusterConfiguration', 'apiServer.extraArgs[1].value', false],
  ['KubeletConfiguration', 'staticPodURLHeader.Authorization[0]', true],
  ['KubeletConfiguration', 'constructor', false],
  ['Pod', 'token', false],
])('isSecret of kind %s and field %s returns %s', (kind, path, secret) => {
  expect(isSecret(kind, path)).toBe(secret);
});

test.each(
  configurationKinds.flatMap((kind) => secretFields(kind)).filter((path) => /(token|key)$/i.test(path)),
)('a text with %s is redacted', (path) => {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const value = /token$/i.test(name) ? 'abcdef.0123456789abcdef' : '0123456789abcdef'.repeat(4);
  expect(redact(`${name}: ${value}`)).not.toContain('0123456789abcdef');
});
