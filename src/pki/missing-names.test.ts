import { expect, test } from 'vitest';

import { missingNames } from './missing-names.ts';

test.each([
  [['api.example'], 'API.Example', true],
  [['API.example'], 'api.example.', true],
  [['*.example'], 'api.example', true],
  [['*.example'], 'a.api.example', false],
  [['*.example'], 'example', false],
  [['*'], 'cp2', true],
  [['a*.example'], 'api.example', false],
  [['*.example'], '*.example', true],
  [['*.lab.example'], '*.example', false],
  [['api.example'], 'my_node.example', false],
  [['my_node'], 'my_node', true],
  [[], 'cp2', false],
])('a certificate for %s is valid for the name %s: %s', (dnsNames, name, isValid) => {
  const missing = missingNames({ dnsNames, ips: [] }, { dnsNames: [name], ips: [] });
  expect(missing).toEqual(isValid ? [] : [name]);
});

test('addresses are compared by value, and a name does not stand for an address', () => {
  const certificate = { dnsNames: ['10.0.0.6'], ips: ['10.0.0.5', 'FD00:0:0:0:0:0:0:9'] };
  const wanted = { dnsNames: [], ips: ['10.0.0.5', 'fd00::9', '10.0.0.6'] };
  expect(missingNames(certificate, wanted)).toEqual(['10.0.0.6']);
});
