import { expect, test } from 'vitest';
import { createMemoryHost, type MemoryHostOptions } from '../../host/memory/index.ts';
import { adminKubeconfig } from '../../kubeconfig/kubeconfig.fixture.ts';
import { formatKubeconfig } from '../../kubeconfig/write.ts';
import { gatherEndpoint } from './network.ts';
import { hasRoute } from './routes.ts';

const server = 'https://cluster.example:6443';
const kubeconfig = formatKubeconfig({ ...adminKubeconfig, clusters: [{ name: 'kubernetes', server }] });

const look = async (options: MemoryHostOptions) =>
  await gatherEndpoint(
    createMemoryHost({
      files: { '/etc/kubernetes/kubelet.conf': kubeconfig },
      names: { 'cluster.example': ['192.0.2.9', '2001:db8::9'] },
      ...options,
    }),
  );

const none = { code: 2, stderr: 'RTNETLINK answers: Network is unreachable\n' };
const some = { stdout: '192.0.2.9 via 10.0.0.1 dev eth0 src 10.0.0.5 uid 0 \n    cache \n' };

test('the look at the endpoint asks for a route to its addresses if it does not answer', async () => {
  expect(await look({ programs: { ip: none } })).toMatchObject({
    addresses: ['192.0.2.9', '2001:db8::9'],
    hasRoute: false,
  });
  const answers = { http: { [`${server}/livez`]: { status: 401, body: '' } } };
  const found = await look({ ...answers, programs: { ip: none } });
  expect(found).toEqual({ server, host: 'cluster.example', addresses: ['192.0.2.9', '2001:db8::9'] });
});

test.each([
  ['a route', some, true],
  ['a route to one of them', (args: readonly string[]) => (args[2]?.includes(':') ? none : some), true],
  ['no route', none, false],
  [
    'a route of the type unreachable',
    { stdout: 'unreachable 2001:db8::9 dev lo metric 4294967295\n' },
    false,
  ],
  ['an answer that is not known', { code: 1, stderr: 'Error: any valid prefix is expected\n' }, undefined],
])('the addresses of a server have %s', async (_, ip, expected) => {
  expect(await hasRoute(createMemoryHost({ programs: { ip } }), ['192.0.2.9', '2001:db8::9'])).toBe(expected);
});

test('nothing is known of routes without the program ip', async () => {
  expect(await hasRoute(createMemoryHost(), ['192.0.2.9'])).toBeUndefined();
});

const now = new Date('2026-12-01T08:00:00.400Z');

test.each([
  ['2026-12-01T10:00:00Z', 7200],
  ['2026-12-01T07:58:00Z', -119],
  // The header has whole seconds.
  ['2026-12-01T08:00:00Z', 0],
  ['2026-12-01T07:59:59Z', 0],
])('a server whose answer has the time %s is ahead by %d s', async (date, aheadSeconds) => {
  const answer = ({ onDate }: { onDate?: (date: Date) => void }) => {
    onDate?.(new Date(date));
    return { status: 200, body: 'ok' };
  };
  const found = (await look({ now, http: { [`${server}/livez`]: answer } }))?.aheadSeconds;
  expect(found).toBeCloseTo(aheadSeconds, 5);
});
