import { expect, test } from 'vitest';

import { parseServerAddress } from './server-address.ts';

test.each([
  ['https://10.0.0.5:6443', 'https', '10.0.0.5', 6443, ''],
  ['https://cluster.example/', 'https', 'cluster.example', 443, ''],
  ['https://[fd00::5]:6443/clusters/a/', 'https', 'fd00::5', 6443, '/clusters/a'],
  ['https://[fe80::1%25eth0]:6443', 'https', 'fe80::1%eth0', 6443, ''],
  ['http://10.0.0.5:8080', 'http', '10.0.0.5', 8080, ''],
  ['10.0.0.5:6443', 'http', '10.0.0.5', 6443, ''],
  ['localhost:8080', 'http', 'localhost', 8080, ''],
  ['cluster.example', 'http', 'cluster.example', 80, ''],
])('the server %s', (server, scheme, host, port, pathPrefix) => {
  expect(parseServerAddress(server)).toMatchObject({ scheme, host, port, pathPrefix });
});

test.each(['192.0.2.010', '0300.0.2.77', '192.0.2', '0x7f.1', '010', '192.0.2.256'])(
  '%s is refused because other programs read it as another address',
  (host) => {
    expect(() => parseServerAddress(`https://${host}:6443`)).toThrow(
      `the server https://${host}:6443 cannot be used: "${host}" is not an IPv4 address`,
    );
  },
);

test.each(['', 'https://', 'ftp://10.0.0.5', 'https://10.0.0.5:99999', 'https://[fd00::5', 'https://a b'])(
  'the server "%s" is refused',
  (server) => {
    expect(() => parseServerAddress(server)).toThrow(/^the server .* cannot be used: /);
  },
);

test('a password is read, and is never shown, also not in an error', () => {
  const address = parseServerAddress('https://u:s%40cret@10.0.0.5:6443/');
  expect(address.credentials).toEqual({ username: 'u', password: 's@cret' });
  expect(address.shown).toBe('https://u:***@10.0.0.5:6443');
  expect(() => parseServerAddress('https://u:secret@192.0.2.010')).not.toThrow('secret');
});

test('a user or a password that is not UTF-8 is refused and not shown', () => {
  expect(() => parseServerAddress('https://u%ff:secret@10.0.0.5:6443')).toThrow(
    'the server https://u%ff:***@10.0.0.5:6443 cannot be used: its user or password has bytes that are not UTF-8',
  );
});

test.each([
  'https://10.0.0.5:6443/?token=sEcReT',
  'https://10.0.0.5:6443/#sEcReT',
  'https://10.0.0.5:6443?a=sEcReT',
])('the query and the fragment of %s are not shown', (server) => {
  expect(parseServerAddress(server).shown).toMatch(/^https:\/\/10\.0\.0\.5:6443\/?[?#]\*{3}$/);
  expect(() => parseServerAddress(server.replace('10.0.0.5', '010'))).toThrow(/^(?!.*sEcReT)/s);
});
