import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { KubeadmEvent } from '../../events.ts';
import { withoutSecrets } from './secrets.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789'.split('');
const word = (length: number) =>
  fc
    .array(fc.constantFrom(...letters), { minLength: length, maxLength: length })
    .map((list) => list.join(''));

test('secrets are removed from the join command, and its form stays', () => {
  fc.assert(
    fc.property(word(6), word(16), word(64), (id, secret, key) => {
      const text = `kubeadm join 10.0.0.1:6443 --token ${id}.${secret} \\\n\t--discovery-token-ca-cert-hash sha256:${'0'.repeat(64)} \\\n\t--control-plane --certificate-key ${key}\n`;
      const event = withoutSecrets({ type: 'control-plane-initialized', text });
      const shown = JSON.stringify(event);
      expect(shown).not.toContain(secret);
      expect(shown).not.toContain(key);
      expect(shown).toContain(`--token ${id}.<secret> `);
      expect(shown).toContain(`sha256:${'0'.repeat(64)}`);
    }),
  );
});

test('secrets are removed from the texts of every event', () => {
  fc.assert(
    fc.property(word(6), word(16), fc.constantFrom(...' "\n,(.-_'), (id, secret, edge) => {
      const text = `token${edge}${id}.${secret}${edge}is`;
      const event: KubeadmEvent = { type: 'phase-failed', phase: 'p', message: text };
      expect(JSON.stringify(withoutSecrets(event))).not.toContain(secret);
    }),
  );
});

test('keys and the data of Secrets are removed, and other objects do not change', () => {
  expect(withoutSecrets({ type: 'certificate-key', key: 'abc' })).toEqual({
    type: 'certificate-key',
    key: '<secret>',
  });
  const secret =
    'apiVersion: v1\ndata:\n  ca.key: |\n    c2VjcmV0\n    bW9yZQ==\n  token-id: YWJj\nkind: Secret\nmetadata:\n  name: x\n';
  const call = { type: 'would-call', verb: 'CREATE', resource: 'secrets', api: 'core/v1' } as const;
  expect(withoutSecrets({ ...call, object: secret })).toEqual({
    ...call,
    object:
      'apiVersion: v1\ndata:\n  ca.key: <secret>\n  token-id: <secret>\nkind: Secret\nmetadata:\n  name: x\n',
  });
  const map = { ...call, resource: 'configmaps', object: 'data:\n  a: b\nkind: ConfigMap\n' };
  expect(withoutSecrets(map)).toEqual(map);
  const patch = '{"data":{"a":"c2VjcmV0"}}';
  expect(withoutSecrets({ ...call, patch })).toEqual({ ...call, patch: '<secret>' });
  expect(withoutSecrets({ ...map, patch })).toEqual({ ...map, patch });
});
