import { expect, test } from 'vitest';
import { defaultCorefile } from '../coredns.ts';
import { isDefaultCorefile } from './default-corefile.ts';

const of170 = `.:53 {
    errors
    health {
        lameduck 5s
    }
    ready
    kubernetes cluster.example in-addr.arpa ip6.arpa {
        pods insecure
        fallthrough in-addr.arpa ip6.arpa
        ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
        max_concurrent 1000
    }
    cache 30
    loop
    reload
    loadbalance
}`;

test('the default of CoreDNS 1.7.0 is a default, in any order of its plugins', () => {
  expect(isDefaultCorefile(of170)).toBe(true);
  expect(
    isDefaultCorefile(of170.replace('    ready\n', '').replace('    loop\n', '    ready\n    loop\n')),
  ).toBe(true);
});

test('an empty Corefile is a default', () => {
  expect(isDefaultCorefile('# nothing\n')).toBe(true);
});

test.each([
  ['another server block', `${of170}\nexample.org {\n errors\n}\n`],
  ['another plugin', of170.replace('    loop\n', '    loop\n    log\n')],
  ['one plugin less', of170.replace('    loop\n', '')],
  ['another argument', of170.replace('cache 30', 'cache 60')],
  ['another port', of170.replace('.:53', '.:5353')],
])('a Corefile with %s is not a default', (_, text) => {
  expect(isDefaultCorefile(text)).toBe(false);
});

test('the Corefile that kubeadm writes now is not a default, as upstream', () => {
  expect(isDefaultCorefile(defaultCorefile('cluster.local'))).toBe(false);
});

test('a Corefile that cannot be read is not a default', () => {
  expect(isDefaultCorefile('{ errors }')).toBe(false);
});
