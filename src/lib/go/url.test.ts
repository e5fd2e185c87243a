import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseGoUrl } from './url.ts';

// The results of Go 1.26's net/url.Parse.
test.each([
  ['https://a:2379', { scheme: 'https', host: 'a:2379', path: '' }],
  ['HTTPS://a', { scheme: 'https', host: 'a', path: '' }],
  ['https://a:99999', { scheme: 'https', host: 'a:99999', path: '' }],
  ['unix:///run/x.sock', { scheme: 'unix', host: '', path: '/run/x.sock' }],
  ['unix:/run/x', { scheme: 'unix', host: '', path: '/run/x' }],
  ['unix:x', { scheme: 'unix', host: '', path: '' }],
  ['file://host/etc/a%20b', { scheme: 'file', host: 'host', path: '/etc/a b' }],
  ['file:/etc/ü', { scheme: 'file', host: '', path: '/etc/ü' }],
  ['/etc/x', { scheme: '', host: '', path: '/etc/x' }],
  ['a.conf', { scheme: '', host: '', path: 'a.conf' }],
  ['', { scheme: '', host: '', path: '' }],
  ['//a', { scheme: '', host: 'a', path: '' }],
  ['https://[::1]:5', { scheme: 'https', host: '[::1]:5', path: '' }],
  ['https://u:p@a/x?y#z', { scheme: 'https', host: 'a', path: '/x' }],
  ['https://%25a/#\t', { scheme: 'https', host: '%25a', path: '/' }],
  ['unix://unix:///x', { scheme: 'unix', host: 'unix:', path: '///x' }],
])('the URL %s has the parts that Go reads', (text, parts) => {
  expect(parseGoUrl(text)).toEqual(parts);
});

test.each([
  ['https://a b', 'invalid character " " in host name'],
  ['https://%zz', 'invalid URL escape "%zz"'],
  ['unix:///%zz', 'invalid URL escape "%zz"'],
  ['https://[::1', "missing ']' in host"],
  ['https://[x]:5', 'is not an IPv6 address'],
  ['https://a:xx', 'invalid port ":xx" after host'],
  ['https://a:1:2', 'invalid port'],
  ['10.0.0.1:2379', 'first path segment in URL cannot contain colon'],
  ['1ab://x', 'first path segment in URL cannot contain colon'],
  [':x', 'missing protocol scheme'],
  ['https://a\t', 'invalid control character in URL'],
  ['https://a<b>@c', 'invalid userinfo'],
])('the URL %s is refused', (text, message) => {
  expect(() => parseGoUrl(text)).toThrow(message);
});

test('parsing a URL with an escaped path returns the original path', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (path) => {
      const escaped = [...Buffer.from(path)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      expect(parseGoUrl(`file:///${escaped}`).path).toBe(`/${Buffer.from(path).toString('utf8')}`);
    }),
  );
});
