import { expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import { findKubeconfig } from './find.ts';

const admin = '/etc/kubernetes/admin.conf';
const home = '/root/.kube/config';

test.each([
  ['the one of KUBECONFIG', { KUBECONFIG: '/opt/a', HOME: '/root' }, ['/opt/a', home, admin], '/opt/a'],
  ['the first of KUBECONFIG that exists', { KUBECONFIG: ':/opt/a:/opt/b' }, ['/opt/b', admin], '/opt/b'],
  [
    'admin.conf, not that of $HOME, after KUBECONFIG',
    { KUBECONFIG: '/opt/a', HOME: '/root' },
    [home, admin],
    admin,
  ],
  ['that of $HOME', { HOME: '/root' }, [home, admin], home],
  ['admin.conf', { HOME: '/root' }, [admin], admin],
  ['the first that was searched if none exists', { KUBECONFIG: '/opt/a:/opt/b' }, [], '/opt/a'],
  ['no environment', {}, [], admin],
])('the kubeconfig that is found is %s', async (_, environment, present, found) => {
  const files = Object.fromEntries(present.map((path) => [path, 'x']));
  expect(await findKubeconfig(createMemoryHost({ environment, files }))).toBe(found);
});
