import { expect, test } from 'vitest';
import type { KubeadmEvent } from '../events.ts';
import { join } from './commands/join.ts';
import { joinRequest } from './join-request.ts';
import { parseFlags } from './parse.ts';

const endpoint = '10.0.0.5:6443';
const token = 'abcdef.0123456789abcdef';

function read(...words: readonly string[]) {
  const events: KubeadmEvent[] = [];
  const parsed = parseFlags(words, join.flags ?? []);
  const request = joinRequest({
    flags: parsed.flags,
    arguments: parsed.arguments,
    emit: (event) => void events.push(event),
  });
  return { request, events };
}

test('--token is the token of the discovery and of the TLS bootstrap', () => {
  expect(read(endpoint, '--token', token).request.fields?.discovery).toEqual({
    bootstrapToken: { apiServerEndpoint: endpoint, token },
    tlsBootstrapToken: token,
  });
});

test('--discovery-token and --tls-bootstrap-token override --token', () => {
  const other = 'fedcba.fedcba9876543210';
  const discovery = read(endpoint, '--token', token, '--discovery-token', other).request.fields?.discovery;
  expect(discovery).toMatchObject({ bootstrapToken: { token: other }, tlsBootstrapToken: other });
  const tls = read(endpoint, '--token', token, '--tls-bootstrap-token', other).request.fields?.discovery;
  expect(tls).toMatchObject({ bootstrapToken: { token }, tlsBootstrapToken: other });
});

test('a token without an endpoint discovers nothing, and --discovery-file discovers by a file', () => {
  expect(read('--token', token).request.fields?.discovery).toEqual({ tlsBootstrapToken: token });
  const file = read('--discovery-file', '/a.conf', '--token', token);
  expect(file.request.fields?.discovery).toEqual({
    file: { kubeConfigPath: '/a.conf' },
    tlsBootstrapToken: token,
  });
});

test('hashes of CAs can be repeated', () => {
  const hash = '--discovery-token-ca-cert-hash';
  const { request } = read(endpoint, hash, 'sha256:a', hash, 'sha256:b,sha256:c');
  expect(request.fields?.discovery?.bootstrapToken?.caCertHashes).toEqual([
    'sha256:a',
    'sha256:b',
    'sha256:c',
  ]);
});

test.each([
  [['--certificate-key', 'x'], '--certificate-key'],
  [['--apiserver-advertise-address', '10.0.0.9'], '--apiserver-advertise-address'],
  [['--apiserver-bind-port', '7443'], '--apiserver-bind-port'],
])('%j without --control-plane is a warning, and the node joins as a worker', (words, name) => {
  const { events, request } = read(endpoint, ...words);
  expect(request.fields?.controlPlane).toBeUndefined();
  expect(events).toEqual([
    expect.objectContaining({
      type: 'warning',
      code: 'control-plane-flags-ignored',
      message: expect.stringContaining(name),
    }),
  ]);
});

test('the default port without --control-plane is not a warning', () => {
  expect(read(endpoint, '--apiserver-bind-port', '6443').events).toEqual([]);
});

test('--control-plane takes its own flags', () => {
  const words = ['--control-plane', '--certificate-key', 'key', '--apiserver-advertise-address', '10.0.0.9'];
  const { events, request } = read(endpoint, ...words);
  expect(events).toEqual([]);
  expect(request.fields?.controlPlane).toEqual({
    certificateKey: 'key',
    localAPIEndpoint: { advertiseAddress: '10.0.0.9' },
  });
});

test('--control-plane=false is a worker', () => {
  expect(read(endpoint, '--control-plane=false').request.fields?.controlPlane).toBeUndefined();
});

test('--config is not mixed with flags for values of the configuration', () => {
  expect(() => read('--config', 'a.yaml', '--token', token, '--control-plane')).toThrow(
    "can not mix '--config' with arguments [control-plane token]",
  );
  expect(read(endpoint, '--config', 'a.yaml', '--node-name', 'n', '--skip-phases', 'x').request).toEqual({
    configPath: 'a.yaml',
    nodeName: 'n',
    skip: ['x'],
    criDetection: true,
    usesAdminConf: false,
  });
});
