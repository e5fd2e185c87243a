import { expect, test } from 'vitest';

import { CriError } from '../../errors.ts';
import { isRefused, isUnobtainable } from './pull-failure.ts';

const resolve =
  'failed to pull and unpack image "r/a:1": failed to resolve image: failed to do request: Head "https://r/v2/a": ';

test.each([
  ['not_found', 'failed to resolve image: r/a:1: not found'],
  ['unknown', 'reading manifest 1 in r/a: manifest unknown'],
  ['unknown', 'unexpected status from HEAD request to https://r/v2/a: 403 Forbidden'],
  ['unknown', `${resolve}dial tcp: lookup r: no such host`],
])('a pull is not tried again after the error: %s, %s', (code, text) => {
  const error = new CriError(code, text);
  expect([isRefused(error), isUnobtainable(error)]).toEqual([true, true]);
});

test.each([
  `${resolve}dial tcp: lookup r on 10.88.0.1:53: read udp 10.88.0.10:59572->10.88.0.1:53: read: connection refused`,
  `${resolve}dial tcp: lookup r on 10.88.0.1:53: server misbehaving`,
  `${resolve}dial tcp 1.2.3.4:443: connect: network is unreachable`,
  `${resolve}dial tcp 1.2.3.4:443: connect: no route to host`,
  `${resolve}dial tcp 1.2.3.4:443: i/o timeout`,
  `${resolve}tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  'unexpected status from HEAD request to https://r/v2/a: 429 Too Many Requests',
])('a pull that failed because of the registry is tried again: %s', (text) => {
  const error = new CriError('unknown', text);
  expect([isRefused(error), isUnobtainable(error)]).toEqual([false, true]);
});

test.each([
  ['unavailable', 'no container runtime answers on unix:///run/c.sock: connect ECONNREFUSED'],
  ['unavailable', 'error reading from server: connection refused'],
  ['canceled', 'This operation was aborted'],
  ['unimplemented', 'unknown service runtime.v1.ImageService'],
  ['internal', 'stream closed'],
  ['unknown', `${resolve}context canceled`],
  ['unknown', 'connection error: dial unix /run/snapshotter.sock: connect: connection refused'],
  ['unknown', 'unexpected status from HEAD request to https://r/v2/a: 503 Service Unavailable'],
])('a pull failure is not about the image: %s, %s', (code, text) => {
  expect(isUnobtainable(new CriError(code, text))).toBe(false);
});

test('an error that does not come from the runtime is not classified as a failed pull', () => {
  expect([isRefused(new Error('not found')), isUnobtainable(new Error('not found'))]).toEqual([false, false]);
});
