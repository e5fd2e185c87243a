import { describe, expect, test } from 'vitest';
import { NetError } from '../../errors.ts';
import type { MemoryHost, MemoryHostOptions } from '../../host/memory/index.ts';
import type { HttpResponse } from '../../host.ts';
import { controlPlaneHost, initInput, runPhase } from './input.fixture.ts';
import { waitControlPlane } from './wait-control-plane.ts';

const urls = {
  kubelet: 'http://127.0.0.1:10248/healthz',
  controllerManager: 'https://127.0.0.1:10257/healthz',
  scheduler: 'https://127.0.0.1:10259/livez',
};
const ok: HttpResponse = { status: 200, body: 'ok' };

function manifest(name: string): string {
  return `spec:\n  containers:\n  - command:\n    - ${name}\n`;
}

function startingHost(options: MemoryHostOptions = {}) {
  const names = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];
  const manifests = names.map((name) => [`/etc/kubernetes/manifests/${name}.yaml`, manifest(name)]);
  const host = controlPlaneHost({ ...options, files: Object.fromEntries(manifests) });
  for (const url of Object.values(urls)) host.machine.answers.set(url, ok);
  return host;
}

/** Advances the time in steps of 10 ms until the work is done. */
async function passingTime<T>(host: MemoryHost, work: Promise<T>): Promise<T> {
  let done = false;
  const end = work.finally(() => {
    done = true;
  });
  while (!done) await host.time.advance(10);
  return await end;
}

describe('wait-control-plane', () => {
  test('ends when the kubelet and the three components answer', async () => {
    const host = startingHost();
    const { events, error } = await runPhase(waitControlPlane, initInput(), host);
    expect(error).toBeUndefined();
    const healthy = events.filter(({ type }) => type === 'component-healthy');
    expect(healthy.map((event) => 'component' in event && event.component).sort()).toEqual([
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
    ]);
    expect(host.api.requests.at(-1)).toMatchObject({ verb: 'raw', body: '/livez' });
  });

  test('gives the watch of a kubelet that is up news of each manifest, and changes none', async () => {
    const host = startingHost();
    const before = host.snapshot();
    let answered = false;
    host.machine.answers.set(urls.kubelet, () => {
      answered = true;
      return ok;
    });
    const changed: string[] = [];
    const chmod: typeof host.files.chmod = async (file, mode) => {
      expect(answered).toBe(true);
      changed.push(file);
      await host.files.chmod(file, mode);
    };
    const watched = { ...host, files: { ...host.files, chmod } };
    const { error } = await runPhase(waitControlPlane, initInput(), watched);
    expect(error).toBeUndefined();
    expect(changed.map((file) => file.replace('/etc/kubernetes/manifests/', ''))).toEqual([
      'kube-apiserver.yaml',
      'kube-controller-manager.yaml',
      'kube-scheduler.yaml',
    ]);
    expect(host.snapshot()).toEqual(before);
  });

  test('asks the kubelet at the port of the configuration that it reads, which a patch has changed', async () => {
    const host = startingHost();
    host.machine.answers.delete(urls.kubelet);
    host.machine.answers.set('http://127.0.0.1:20248/healthz', ok);
    host.disk.put({ '/var/lib/kubelet/config.yaml': 'healthzBindAddress: 127.0.0.1\nhealthzPort: 20248\n' });
    const { error } = await runPhase(waitControlPlane, initInput(), host);
    expect(error).toBeUndefined();
  });

  test('waits for what comes up late, without long pauses', async () => {
    const host = startingHost({ time: 'manual' });
    const okFrom = (milliseconds: number) => () => {
      if (host.clock.monotonic() < milliseconds) throw new NetError('connection refused', 'ECONNREFUSED');
      return ok;
    };
    host.machine.answers.set(urls.kubelet, okFrom(1000));
    host.machine.answers.set(urls.scheduler, okFrom(4000));
    host.api.raw.set('/livez', { status: 500, body: 'not yet' });
    host.machine.answers.set(urls.controllerManager, () => {
      if (host.clock.monotonic() >= 4500) host.api.raw.set('/livez', ok);
      return okFrom(4500)();
    });
    const ran = await passingTime(host, runPhase(waitControlPlane, initInput(), host));
    expect(ran.error).toBeUndefined();
    expect(host.clock.monotonic()).toBeGreaterThanOrEqual(4500);
    expect(host.clock.monotonic()).toBeLessThan(4800);
  });

  test('ends with the component that is not healthy when its time is over', async () => {
    const host = startingHost();
    host.machine.answers.set(urls.scheduler, { status: 500, body: 'no' });
    const { error } = await runPhase(waitControlPlane, initInput(), host);
    expect(host.clock.monotonic()).toBeGreaterThanOrEqual(240_000);
    expect(host.clock.monotonic()).toBeLessThan(250_000);
    expect(error).toMatchObject({
      code: 'control-plane-unhealthy',
      message: `failed while waiting for the control plane to start: kube-scheduler at ${urls.scheduler}: status 500`,
    });
  });

  test('ends with the API server when that does not come, and names the kubelet if it is down, too', async () => {
    const host = startingHost();
    host.api.reachable = false;
    const up = await runPhase(waitControlPlane, initInput(), host);
    expect(up.error).toMatchObject({
      code: 'control-plane-unhealthy',
      message: expect.stringMatching(
        /^waited 1m0s for the API server at https:\/\/10\.11\.0\.10:6443 .*refused$/,
      ),
    });
    host.machine.answers.delete(urls.kubelet);
    const down = await runPhase(waitControlPlane, initInput(), host);
    expect(down.error).toMatchObject({
      message: expect.stringContaining('the kubelet was not healthy by then'),
    });
  });

  test('ends with the kubelet when its time is over first', async () => {
    const host = startingHost();
    host.machine.answers.delete(urls.kubelet);
    host.api.reachable = false;
    const { timeouts } = initInput().init;
    const input = initInput({ init: { timeouts: { ...timeouts, kubeletHealthCheck: 10_000 } } });
    const { error } = await runPhase(waitControlPlane, input, host);
    expect(error).toMatchObject({
      message: expect.stringMatching(/^the kubelet is not healthy at http.*refused/),
    });
    // The search for causes sleeps at the same time.
    expect(host.clock.monotonic()).toBeLessThan(14_000);
  });

  test('does not ask a kubelet whose health port is 0', async () => {
    const host = startingHost();
    host.machine.answers.delete(urls.kubelet);
    const kubelet = { data: { healthzPort: 0 }, userSupplied: false };
    const { error, events } = await runPhase(waitControlPlane, initInput({ kubelet }), host);
    expect(error).toBeUndefined();
    const about = events.filter((event) => 'topic' in event && event.topic === 'kubelet-check');
    expect(about).toMatchObject([
      { message: 'Skipping the kubelet health check because its healthz port is 0' },
      { type: 'waiting', for: 'the sandboxes of the static Pods', timeoutMs: 20_000 },
    ]);
  });
});
