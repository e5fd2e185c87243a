import { describe, expect, test } from 'vitest';
import { KubeApiError } from '../errors.ts';
import type { KubeadmEvent } from '../events.ts';
import type { ApiRequest } from '../host/memory/api-server.ts';
import { controlPlaneHost, kubeconfigText } from '../phases/init/input.fixture.ts';
import { type LocalClientOptions, localClient } from './client.ts';

const binding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  name: 'kubeadm:cluster-admins',
};

function context() {
  const events: KubeadmEvent[] = [];
  return {
    events,
    emit: (event: KubeadmEvent) => void events.push(event),
    signal: new AbortController().signal,
  };
}

const admin: LocalClientOptions = {
  endpoint: { advertiseAddress: '10.11.0.10', bindPort: 6443 },
  timeouts: { kubernetesAPICall: 60_000 },
  kubeconfig: '/etc/kubernetes/admin.conf',
  bootstrap: true,
};

const userOf = ({ kubeconfig }: ApiRequest) => kubeconfig.users[0]?.name;

/** Makes the API server refuse admin.conf, as it does before the binding exists. */
function refuseAdmin(host: ReturnType<typeof controlPlaneHost>): void {
  host.api.intercept = (request) =>
    userOf(request) === 'kubernetes-admin' && host.api.find(binding) === undefined
      ? new KubeApiError(403, 'Forbidden', 'kubernetes-admin cannot create clusterrolebindings')
      : undefined;
}

describe('localClient', () => {
  test('uses the local API server, even if admin.conf names another one', async () => {
    const host = controlPlaneHost();
    const client = await localClient(host, admin, context());
    expect(client.server).toBe('https://10.11.0.10:6443');
    expect(host.api.get(binding)).toMatchObject({
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ kind: 'Group', name: 'kubeadm:cluster-admins' }],
    });
    expect(host.api.requests.map(userOf)).toEqual(['kubernetes-admin']);
  });

  test('creates the binding with super-admin.conf if admin.conf may not, and continues with admin.conf', async () => {
    const host = controlPlaneHost();
    refuseAdmin(host);
    const client = await localClient(host, admin, context());
    await client.list('v1', 'Node');
    expect(host.api.requests.map(userOf)).toEqual([
      'kubernetes-admin',
      'kubernetes-super-admin',
      'kubernetes-admin',
    ]);
    expect(new Set(host.api.requests.map(({ server }) => server))).toEqual(
      new Set(['https://10.11.0.10:6443']),
    );
  });

  test('accepts a binding that exists', async () => {
    const host = controlPlaneHost();
    await localClient(host, admin, context());
    await localClient(host, admin, context());
    expect(host.api.list(binding.apiVersion, binding.kind)).toHaveLength(1);
  });

  test('reports the binding once, also if the API server applies it late', async () => {
    const host = controlPlaneHost();
    host.api.intercept = (request) =>
      userOf(request) === 'kubernetes-admin' ? new KubeApiError(403, 'Forbidden', 'no') : undefined;
    const around = context();
    for (let phase = 0; phase < 3; phase += 1) await localClient(host, admin, around);
    expect(around.events).toEqual([
      { type: 'detail', verbosity: 1, message: expect.stringContaining('bound it with') },
    ]);
  });

  test('the error names the binding and super-admin.conf if neither exists', async () => {
    const host = controlPlaneHost();
    await host.files.remove('/etc/kubernetes/super-admin.conf');
    refuseAdmin(host);
    await expect(localClient(host, admin, context())).rejects.toMatchObject({
      code: 'kube-api',
      message: expect.stringMatching(/kubeadm:cluster-admins is missing.*super-admin\.conf/),
    });
    expect(host.clock.monotonic()).toBe(0);
  });

  test('waits for an API server that starts and returns 5xx meanwhile', async () => {
    const host = controlPlaneHost();
    host.api.intercept = () => {
      if (host.clock.monotonic() < 3000) return new Error('ECONNREFUSED');
      return host.clock.monotonic() < 5000
        ? new KubeApiError(503, 'ServiceUnavailable', 'starting')
        : undefined;
    };
    await localClient(host, admin, context());
    expect(host.clock.monotonic()).toBeLessThan(5200);
  });

  test('fails after timeouts.kubernetesAPICall with the last error, which has no secret', async () => {
    const host = controlPlaneHost();
    host.api.reachable = false;
    const error: unknown = await localClient(host, admin, context()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'timeout',
      message: expect.stringMatching(
        /^waited 1m0s for the API server at https:\/\/10\.11\.0\.10:6443 .*refused/,
      ),
    });
    expect(host.clock.monotonic()).toBe(60_000);
    expect(JSON.stringify(error)).not.toContain('PRIVATE KEY');
  });

  test('puts an IPv6 address into brackets', async () => {
    const endpoint = { advertiseAddress: 'fd00::10', bindPort: 6444 };
    const client = await localClient(controlPlaneHost(), { ...admin, endpoint }, context());
    expect(client.server).toBe('https://[fd00::10]:6444');
  });

  test('uses another kubeconfig as it is', async () => {
    const files = { '/root/other.conf': kubeconfigText('somebody', 'https://other:1') };
    const host = controlPlaneHost({ files });
    const other = await localClient(host, { ...admin, kubeconfig: '/root/other.conf' }, context());
    expect(other.server).toBe('https://other:1');
    expect(host.api.requests).toEqual([]);
  });

  test('names a kubeconfig that does not exist, and the ways to get one', async () => {
    const error: unknown = await localClient(
      controlPlaneHost(),
      { ...admin, kubeconfig: '/etc/kubernetes/nope.conf' },
      context(),
    ).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'file',
      message: 'there is no kubeconfig file /etc/kubernetes/nope.conf',
      hint: expect.stringMatching(/`kubeadm init phase kubeconfig admin`.*--kubeconfig/),
    });
  });

  test('sends no request to the API server without the bootstrap', async () => {
    const host = controlPlaneHost();
    const client = await localClient(host, { ...admin, bootstrap: false }, context());
    expect(client.server).toBe('https://10.11.0.10:6443');
    expect(host.api.requests).toEqual([]);
  });

  test('fails with the path of a kubeconfig that is missing', async () => {
    const host = controlPlaneHost();
    await host.files.remove('/etc/kubernetes/admin.conf');
    await expect(localClient(host, admin, context())).rejects.toThrow('/etc/kubernetes/admin.conf');
  });
});
