import { expect, test } from 'vitest';

import { CriError } from '../../errors.ts';
import { socketPath } from './socket-path.ts';

test.each([
  ['unix:///run/x.sock', '/run/x.sock'],
  ['unix:/run/x.sock', '/run/x.sock'],
  ['/run/x.sock', '/run/x.sock'],
  ['unix:///run/a%20b.sock', '/run/a b.sock'],
  ['/run/a%20b.sock', '/run/a b.sock'],
  ['UNIX:///run/x.sock', '/run/x.sock'],
])('the endpoint %s names the socket %s', (endpoint, path) => {
  expect(socketPath(endpoint)).toBe(path);
});

test.each(['tcp://10.0.0.1:1', 'unix:', 'npipe:////./pipe/x', '%zz', ''])(
  'the endpoint %j is refused because it is not a unix socket, and the error shows it',
  (endpoint) => {
    expect(() => socketPath(endpoint)).toThrow(CriError);
    expect(() => socketPath(endpoint)).toThrow(JSON.stringify(endpoint));
  },
);
