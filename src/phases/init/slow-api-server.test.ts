/** An API server that is slow or dies, while the control plane can still become healthy. */
import { describe, expect, test } from 'vitest';
import { KubeApiError, NetError } from '../../errors.ts';
import type { KubeadmEvent } from '../../events.ts';
import type { MemoryHost } from '../../host/memory/index.ts';
import { bootableMachine } from '../../run-record/machine.fixture.ts';
import { runInit } from './run.ts';

const fields = {
  init: { localAPIEndpoint: { advertiseAddress: '10.0.0.5' } },
  cluster: { kubernetesVersion: 'v1.36.2', encryptionAlgorithm: 'ECDSA-P256' as const },
};

async function init(host: MemoryHost) {
  const events: KubeadmEvent[] = [];
  const record = ({ event }: { readonly event: KubeadmEvent }) => void events.push(event);
  const error: unknown = await runInit(host, { fields }, { record }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return { error, events };
}

/** After the first answer, its own roles are missing for this many milliseconds, and /livez reports that. */
function bootstrappingRoles(milliseconds: number): MemoryHost {
  const host = bootableMachine({}, 5);
  let first: number | undefined;
  host.api.intercept = ({ verb, kubeconfig, kind }) => {
    const now = host.clock.monotonic();
    if (kubeconfig.users[0]?.name === 'kubernetes-super-admin') {
      first ??= now;
      return undefined;
    }
    const ready = first !== undefined && now - first >= milliseconds;
    host.api.raw.set(
      '/livez',
      ready
        ? { status: 200, body: 'ok' }
        : { status: 500, body: '[-]poststarthook/rbac/bootstrap-roles failed' },
    );
    if (verb === 'raw' || ready) return undefined;
    return new KubeApiError(403, 'Forbidden', `${kind} is forbidden: User "kubernetes-admin" cannot ${verb}`);
  };
  return host;
}

describe('an init whose API server needs time for its roles', () => {
  test.each([30_000, 75_000, 150_000])(
    'succeeds when that is %d ms, as upstream does',
    async (milliseconds) => {
      const host = bootstrappingRoles(milliseconds);
      const { error } = await init(host);
      expect(error).toBeUndefined();
      expect(host.clock.monotonic()).toBeGreaterThan(milliseconds);
    },
  );

  test('ends with the health of the components when their time is over, and not before', async () => {
    const host = bootstrappingRoles(400_000);
    const { error } = await init(host);
    expect(error).toMatchObject({
      code: 'control-plane-unhealthy',
      details: { phase: 'wait-control-plane' },
      message: expect.stringMatching(/kube-apiserver at https:\/\/10\.0\.0\.5:6443\/livez: status 500/),
    });
    expect(host.clock.monotonic()).toBeGreaterThanOrEqual(240_000);
  });
});

test('a whole init makes the ClusterRoleBinding of the administrators once', async () => {
  const host = bootableMachine({}, 5);
  expect((await init(host)).error).toBeUndefined();
  const bindings = host.api.requests.filter(({ name }) => name === 'kubeadm:cluster-admins');
  expect(bindings.map(({ verb }) => verb)).toEqual(['create']);
});

describe('an API server that dies after its first answer', () => {
  const refused = () => new NetError('connect ECONNREFUSED 10.0.0.5:6443', 'ECONNREFUSED');

  /** From the first write that `when` accepts, it does not answer any more, and its container exits repeatedly. */
  function dying(when: (target: string) => boolean): MemoryHost {
    const host = bootableMachine({}, 5);
    host.gate.onWrite(({ kind, target }) => {
      if (kind !== 'api' || !when(target)) return;
      host.api.intercept = refused;
      const old = host.runtime.containers.get('kube-apiserver');
      host.disk.put({ '/var/log/a.log': '2026-01-01T00:00:00Z stderr F F1124 shutting down: memory\n' });
      if (old === undefined) return;
      const now = host.clock.now().getTime();
      host.runtime.containers.set('kube-apiserver', {
        ...old,
        attempt: 3,
        state: 'exited',
        exitCode: 137,
        reason: 'Error',
        finishedAt: now,
        startedAt: now - 40_000,
        logPath: '/var/log/a.log',
      });
    });
    return host;
  }

  const evidenceOf = (events: readonly KubeadmEvent[]) =>
    events.flatMap((event) =>
      event.type === 'warning' && event.code === 'container-evidence' ? [event.message] : [],
    );

  test('is waited for as long as its health may take, and its container is named', async () => {
    const host = dying(() => true);
    const { error, events } = await init(host);
    expect(host.clock.monotonic()).toBeGreaterThanOrEqual(240_000);
    expect(error).toMatchObject({
      code: 'control-plane-unhealthy',
      message: expect.stringContaining('kube-apiserver at https://10.0.0.5:6443/livez'),
      hint: expect.stringContaining('crictl'),
    });
    expect(evidenceOf(events)).toEqual([
      expect.stringMatching(
        /^kube-apiserver: container exited, .*exit code 137.*\n {4}F1124 shutting down: memory$/,
      ),
    ]);
  });

  test('is named with its container also when it dies in a phase after the wait', async () => {
    const host = dying((target) => target.includes('coredns'));
    const { error, events } = await init(host);
    expect(error).toMatchObject({
      code: 'timeout',
      hint: expect.stringContaining('crictl'),
      details: { criSocket: expect.any(String) },
    });
    expect(evidenceOf(events)).toEqual([expect.stringContaining('F1124 shutting down: memory')]);
  });
});
