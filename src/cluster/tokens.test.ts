import { describe, expect, test } from 'vitest';
import { tokenSecret } from './tokens.ts';

const now = new Date('2026-11-23T09:49:53.900Z');

function decoded(object: { readonly [field: string]: unknown }): Record<string, string> {
  const entries = Object.entries(object.data as Record<string, string>);
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]));
}

describe('tokenSecret', () => {
  test('has the fields that upstream writes for a default token', () => {
    const secret = tokenSecret(
      {
        token: 'abcdef.0123456789abcdef',
        ttl: 86_400_000,
        usages: ['signing', 'authentication'],
        groups: ['system:bootstrappers:kubeadm:default-node-token'],
      },
      now,
    );
    expect(secret).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
      type: 'bootstrap.kubernetes.io/token',
      data: {
        'auth-extra-groups': 'c3lzdGVtOmJvb3RzdHJhcHBlcnM6a3ViZWFkbTpkZWZhdWx0LW5vZGUtdG9rZW4=',
        expiration: 'MjAyNi0xMS0yNFQwOTo0OTo1M1o=',
        'token-id': 'YWJjZGVm',
        'token-secret': 'MDEyMzQ1Njc4OWFiY2RlZg==',
        'usage-bootstrap-authentication': 'dHJ1ZQ==',
        'usage-bootstrap-signing': 'dHJ1ZQ==',
      },
    });
  });

  test('has expires in UTC, the description, and no expiration for ttl 0', () => {
    const token = { token: 'abcdef.0123456789abcdef', usages: [], groups: [] };
    expect(
      decoded(tokenSecret({ ...token, expires: '2027-01-01T02:00:00+02:00', description: 'd' }, now)),
    ).toEqual({
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      description: 'd',
      expiration: '2027-01-01T00:00:00Z',
    });
    expect(decoded(tokenSecret({ ...token, ttl: 0 }, now))).not.toHaveProperty('expiration');
  });
});
