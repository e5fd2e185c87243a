import { describe, expect, test } from 'vitest';
import { changesOf, describeNotice, unknownNames } from './notices.ts';

describe('unknownNames', () => {
  test('names a plugin that the rules do not know, once for each release, and not its options', () => {
    const text = '. {\n template ANY {\n  rcode NXDOMAIN\n }\n}';
    expect(unknownNames('1.14.0', '1.14.2', text)).toEqual([
      { plugin: 'template', severity: 'unsupported', version: '1.14.1' },
      { plugin: 'template', severity: 'unsupported', version: '1.14.2' },
    ]);
  });

  test('names an unknown option of a known plugin', () => {
    const [notice] = unknownNames('1.14.1', '1.14.2', '. {\n cache {\n  gold\n }\n}');
    expect(notice).toEqual({ plugin: 'cache', option: 'gold', severity: 'unsupported', version: '1.14.2' });
  });

  test('knows the Corefile that kubeadm writes', () => {
    const text = '.:53 {\n cache 30 {\n  disable success cluster.local\n }\n hosts {\n  10.0.0.1 a\n }\n}';
    expect(unknownNames('1.12.1', '1.14.2', text)).toEqual([]);
  });

  test('does not take a name of every JavaScript object for a plugin', () => {
    expect(unknownNames('1.14.1', '1.14.2', '. {\n constructor\n}')).toHaveLength(1);
  });
});

describe('changesOf', () => {
  test('reports what a release removed and what it added to the defaults', () => {
    const changes = changesOf('1.4.0', '1.5.0', '. {\n proxy . 8.8.8.8\n kubernetes\n}');
    expect(changes).toEqual([
      { plugin: 'proxy', severity: 'removed', version: '1.5.0', replacedBy: 'forward' },
      { plugin: 'ready', severity: 'newdefault', version: '1.5.0' },
    ]);
    expect(changes.map(describeNotice)).toEqual([
      'the plugin "proxy" is removed from CoreDNS 1.5.0, and "forward" replaces it',
      'the plugin "ready" is a new default of CoreDNS 1.5.0',
    ]);
  });

  test('reports nothing for releases from 1.8.0 on', () => {
    const text = '. {\n kubernetes {\n  pods insecure\n }\n forward . 8.8.8.8\n loop\n}';
    expect(changesOf('1.8.0', '1.14.2', text)).toEqual([]);
  });
});
