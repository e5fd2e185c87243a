import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactLines } from './container-log.ts';
import { redact } from './redact.ts';

describe('redact', () => {
  it.each([
    ['token abcdef.0123456789abcdef refused', 'token <token> refused'],
    ['Authorization: Bearer abcDEF123.456-789', 'Authorization: Bearer <token>'],
    ['jwt eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJrIn0.c2ln end', 'jwt <token> end'],
    ['--token=s3cr3t-value --v=2', '--token=<hidden> --v=2'],
    ['{"password":"hunter22","user":"me"}', '{"password":"<hidden>","user":"me"}'],
    ['err="{\\"password\\":\\"hunter22\\"}"', 'err="{\\"password\\":\\"<hidden>\\"}"'],
    ['GET https://me:hunter22@registry.example/v2/', 'GET https://me:<hidden>@registry.example/v2/'],
    [`key ${'Ab0/'.repeat(20)}==`, 'key <data>'],
    [`both ${'ab'.repeat(32)}/${'Ab0'.repeat(8)}`, 'both <data>'],
    [`url-safe ${'Ab0_-'.repeat(16)}`, 'url-safe <data>'],
  ])('hides what is secret: %s', (line, shown) => {
    expect(redact(line)).toBe(shown);
  });

  it.each([
    'Error: unknown flag: --nonsense',
    `failed to start sandbox "${'0123456789abcdef'.repeat(4)}": no`,
    `open /run/containerd/k8s.io/${'0123456789abcdef'.repeat(4)}/log.json: no such file`,
    'open /etc/kubernetes/pki/etcd/healthcheck-client.key: no such file or directory',
    'https://10.88.0.10:6443/api/v1/nodes?timeout=10s',
  ])('leaves what is needed: %s', (line) => {
    expect(redact(line)).toBe(line);
  });

  it('lets no bootstrap token through, wherever it stands', () => {
    const part = (length: number) =>
      fc.string({
        unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
        minLength: length,
        maxLength: length,
      });
    const around = fc.string({ unit: fc.constantFrom(...' "\'=:,;()[]{}<>\\/'), maxLength: 5 });
    fc.assert(
      fc.property(part(6), part(16), around, around, (id, secret, before, after) => {
        expect(redact(`${before}${id}.${secret}${after}`)).not.toContain(secret);
      }),
    );
  });

  it('hides a PEM block, also one that the end of the log cuts off', () => {
    const pem = [
      'a',
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIIEow',
      'Zm9v',
      '-----END RSA PRIVATE KEY-----',
      'b',
    ];
    expect(redactLines(pem)).toEqual(['a', '<data>', 'b']);
    expect(redactLines(pem.slice(0, 3))).toEqual(['a', '<data>']);
  });
});
