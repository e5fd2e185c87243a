import { expect, test } from 'vitest';
import { isDnsNameOrWildcard, joinHostPort, parseHostPort, serverOf, splitHostPort } from './host-port.ts';

test('an IPv6 address with a port is written in brackets', () => {
  expect(joinHostPort('fd00::1', 6443)).toBe('[fd00::1]:6443');
  expect(joinHostPort('a', '1')).toBe('a:1');
  expect(splitHostPort('[fd00::1]:6443')).toEqual({ host: 'fd00::1', port: '6443' });
  expect(splitHostPort(':')).toEqual({ host: '', port: '' });
  expect(['a', 'a:b:c', '[a]b:5', 'fd00::1', '[a'].map(splitHostPort)).toEqual(Array(5).fill(undefined));
});

test('the server of a URL has the port of its scheme by default, and no brackets', () => {
  expect(serverOf('https://[fd00::1]:6443/livez')).toEqual({ host: 'fd00::1', port: 6443 });
  expect(serverOf('https://lb.example')).toEqual({ host: 'lb.example', port: 443 });
  expect(serverOf(new URL('http://10.0.0.1'))).toEqual({ host: '10.0.0.1', port: 80 });
});

// The results of upstream's ParseHostPort.
test.each([
  ['lb.example.com', 'lb.example.com', ''],
  ['lb:06443', 'lb', '06443'],
  ['lb:', 'lb', ''],
  ['fd00::1', 'fd00::1', ''],
  ['[fd00::1]:6443', 'fd00::1', '6443'],
  ['010.0.0.1', '010.0.0.1', ''],
])('the host and port "%s" are read as by upstream', (text, host, port) => {
  expect(parseHostPort(text)).toEqual({ host, port });
});

test.each(['lb:0', 'lb:65536', 'lb:+1', '[fd00::1]', '[lb]', '[::1', 'a b', 'LB', 'https://x', ':6443', ''])(
  'the host and port "%s" are refused',
  (text) => {
    expect(() => parseHostPort(text)).toThrow(`hostport ${text}: `);
  },
);

test('a DNS name in a certificate has at most 253 characters, including the asterisk', () => {
  const long = `${'a.'.repeat(125)}a`;
  expect([long, `*.${long}`, `*.${long}.a`].map(isDnsNameOrWildcard)).toEqual([true, true, false]);
  expect(['*', '*.', 'a.*.b', '*a', '**.a', ''].map(isDnsNameOrWildcard)).toEqual(Array(6).fill(false));
});
