import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { proxyFor } from './proxy.ts';

const proxy = 'http://proxy:3128';

function goesThrough(host: string, noProxy: string, port = 443): boolean {
  return proxyFor({ scheme: 'https', host, port }, { HTTPS_PROXY: proxy, NO_PROXY: noProxy }) !== undefined;
}

describe('proxyFor', () => {
  test('reads the variable of the scheme, first in upper case', () => {
    const target = { scheme: 'https', host: 'a', port: 443 } as const;
    expect(proxyFor(target, {})).toBeUndefined();
    expect(proxyFor(target, { HTTP_PROXY: proxy })).toBeUndefined();
    expect(proxyFor(target, { https_proxy: proxy })).toBe(proxy);
    expect(proxyFor(target, { HTTPS_PROXY: '', https_proxy: proxy })).toBe(proxy);
    expect(proxyFor(target, { HTTPS_PROXY: 'http://other', https_proxy: proxy })).toBe('http://other');
    expect(proxyFor({ ...target, scheme: 'http' }, { HTTP_PROXY: proxy })).toBe(proxy);
  });

  test('adds http:// to an address without a scheme or a malformed URL, as Go does', () => {
    const through = (value: string) =>
      proxyFor({ scheme: 'https', host: 'a', port: 443 }, { HTTPS_PROXY: value });
    expect(through('proxy:3128')).toBe(proxy);
    expect(through('socks5://proxy')).toBe('socks5://proxy');
    for (const malformed of ['http://[::1', 'http://a b', 'http://pro xy:bad', ':']) {
      expect(through(malformed)).toBe(`http://${malformed}`);
    }
    expect(through('\u0001')).toBeUndefined();
  });

  test('never shows a password', () => {
    const value = 'http://user:s3cret@proxy:3128';
    expect(proxyFor({ scheme: 'https', host: 'a', port: 443 }, { HTTPS_PROXY: value })).toBe(
      'http://user:***@proxy:3128',
    );
    const slash = { HTTPS_PROXY: 'http://user:s3c/ret@proxy:3128' };
    expect(proxyFor({ scheme: 'https', host: 'a', port: 443 }, slash)).not.toMatch(/s3c|ret/);
  });

  test.each([
    ['localhost', '', false],
    ['127.5.5.5', '', false],
    ['::1', '', false],
    ['10.0.0.5', '', true],
    ['10.0.0.5', '*', false],
    ['10.0.0.5', 'x, *', false],
    ['10.0.0.5', '10.0.0.5', false],
    ['10.0.0.5', ' 10.0.0.0/8 ', false],
    ['10.0.0.5', '10.0.1.0/24', true],
    ['10.0.0.5', '10.0.0.5:443', false],
    ['10.0.0.5', '10.0.0.5:80', true],
    ['10.0.0.5', '.0.0.5', true],
    ['fd00::5', 'fd00::/8', false],
    ['fd00::5', 'FD00:0::5', false],
    ['fd00::5', '[fd00::5]:443', false],
    ['fd00::5', '[fd00::5]:80', true],
    ['example.com', 'example.com', false],
    ['a.example.com', 'example.com', false],
    ['badexample.com', 'example.com', true],
    ['example.com', '.example.com', true],
    ['a.example.com', '.example.com', false],
    ['a.example.com', '*.example.com', false],
    ['example.com', '*.example.com', true],
    ['A.Example.com', 'EXAMPLE.com:443', false],
    ['a.example.com', 'example.com:80', true],
    ['example.com', ',,:80,', true],
  ])('the proxy for %s with NO_PROXY=%j is that of Go', (host, noProxy, expected) => {
    expect(goesThrough(host, noProxy)).toBe(expected);
  });

  test('excludes every address of a subnet in NO_PROXY', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 255 }),
        fc.nat({ max: 255 }),
        fc.integer({ min: 0, max: 16 }),
        (a, b, prefix) => {
          expect(goesThrough(`10.96.${a}.${b}`, `10.96.0.0/${prefix}`)).toBe(false);
        },
      ),
    );
  });

  test('accepts any text in NO_PROXY', () => {
    fc.assert(
      fc.property(fc.string(), fc.string({ minLength: 1 }), (noProxy, host) => {
        expect(typeof goesThrough(host, noProxy)).toBe('boolean');
      }),
    );
  });
});
