import { describe, expect, test } from 'vitest';
import { FileError } from '../errors.ts';
import type { KubeadmEvent, RecordedEvent } from '../events.ts';
import type { MemoryHost } from '../host/memory/index.ts';
import type { HttpResponse } from '../host.ts';
import { runRecordFile } from '../names.ts';
import { bootableMachine, processFiles } from '../run-record/machine.fixture.ts';
import { kubeconfigText } from './init/input.fixture.ts';
import type { InitRequest } from './init/request.ts';
import { runInit } from './init/run.ts';
import { runReset } from './reset/run.ts';

const fields = {
  init: { localAPIEndpoint: { advertiseAddress: '10.0.0.5' } },
  cluster: { kubernetesVersion: 'v1.36.2', encryptionAlgorithm: 'ECDSA-P256' as const },
};

async function init(host: MemoryHost, request: InitRequest = { fields }) {
  const events: KubeadmEvent[] = [];
  const record = ({ event }: RecordedEvent) => void events.push(event);
  const error: unknown = await runInit(host, request, { record }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event] : []));
  return { error, warnings };
}

describe('an interruption while the input is built', () => {
  const never = () => new Promise<never>(() => undefined);

  test('ends init that asks a server which does not answer', async () => {
    const host = bootableMachine();
    const stop = new AbortController();
    host.machine.answers.set('https://dl.k8s.io/release/stable-1.txt', (): Promise<HttpResponse> => {
      stop.abort(new Error('interrupted by SIGINT'));
      return never();
    });
    const cluster = { ...fields.cluster, kubernetesVersion: 'stable-1' };
    const running = runInit(host, { fields: { ...fields, cluster } }, { signal: stop.signal });
    await expect(running).rejects.toMatchObject({ code: 'interrupted', message: 'interrupted by SIGINT' });
    expect(host.gate.writes).toEqual([]);
  });

  test('leaves no directory of a dry run when the server answers later', async () => {
    const host = bootableMachine();
    const stop = new AbortController();
    const answered = Promise.withResolvers<void>();
    host.machine.answers.set('https://dl.k8s.io/release/stable-1.txt', async (): Promise<HttpResponse> => {
      stop.abort(new Error('interrupted by SIGINT'));
      await answered.promise;
      return { status: 200, body: 'v1.36.2' };
    });
    const cluster = { ...fields.cluster, kubernetesVersion: 'stable-1' };
    const request = { fields: { ...fields, cluster }, dryRun: true };
    const running = runInit(host, request, { signal: stop.signal });
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    answered.resolve();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(host.gate.writes).toEqual([]);
  });

  test('ends reset that asks the cluster, whose client is closed', async () => {
    const host = bootableMachine({ '/etc/kubernetes/admin.conf': kubeconfigText('kubernetes-admin') });
    const stop = new AbortController();
    let closed = 0;
    const kube: typeof host.kube = (...options) => {
      const close = (): void => {
        closed += 1;
      };
      const get = (): Promise<never> => {
        stop.abort(new Error('interrupted by SIGINT'));
        return never();
      };
      return { ...host.kube(...options), close, get };
    };
    const request = { fields: { criSocket: 'unix:///run/x.sock' }, force: true };
    const running = runReset({ ...host, kube }, request, { signal: stop.signal });
    await expect(running).rejects.toMatchObject({ code: 'interrupted' });
    expect(closed).toBe(1);
    expect(host.gate.writes).toEqual([]);
  });
});

describe('a note of the run that cannot be removed', () => {
  function withStuckNote(): MemoryHost {
    const host = bootableMachine();
    const remove: typeof host.files.remove = async (path, options) => {
      if (path.startsWith('/run/kubeadm-run-')) throw new FileError('remove', path, 'EROFS');
      await host.files.remove(path, options);
    };
    return { ...host, files: { ...host.files, remove } };
  }

  test('is a warning after a run that ended well', async () => {
    const { error, warnings } = await init(withStuckNote());
    expect(error).toBeUndefined();
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'run-not-announced' }));
  });

  test('does not hide why a run failed', async () => {
    const host = withStuckNote();
    host.disk.put({ '/proc/sys/net/ipv4/ip_forward': '0\n' });
    const { error, warnings } = await init(host);
    expect(error).toMatchObject({ code: 'preflight-failed' });
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'run-not-announced' }));
  });
});

describe('a dry run of init', () => {
  const refused = (text: string) => ({
    type: 'warning',
    code: 'dry-run-refused',
    message: expect.stringMatching(new RegExp(`^a run that is not a dry run would be refused: .*${text}`)),
  });

  test('is warned, and not refused, beside a run that is going on', async () => {
    const host = bootableMachine();
    let beside: ReturnType<typeof init> | undefined;
    host.gate.onWrite(({ target }) => {
      if (target === runRecordFile) beside ??= init(host, { fields, dryRun: true });
    });
    expect((await init(host)).error).toBeUndefined();
    const dry = await beside;
    expect(dry?.error).toBeUndefined();
    expect(dry?.warnings).toContainEqual(refused('another kubeadm init is running'));
  });

  test('is warned, and not refused, when a run with other settings did not end', async () => {
    const host = bootableMachine();
    const stop = new AbortController();
    host.gate.onWrite(({ target }) => {
      if (target.endsWith('/kube-scheduler.yaml')) stop.abort(new Error('interrupted by SIGINT'));
    });
    await expect(runInit(host, { fields }, { signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    const other = { ...fields, cluster: { ...fields.cluster, networking: { dnsDomain: 'other.example' } } };
    expect((await init(host, { fields: other })).error).toMatchObject({ code: 'unfinished-run' });
    const dry = await init(host, { fields: other, dryRun: true });
    expect(dry.error).toBeUndefined();
    expect(dry.warnings).toContainEqual(refused(''));
  });

  test('that only an invalid configuration asks for does not name the run that did not end', async () => {
    const host = bootableMachine();
    const stop = new AbortController();
    host.gate.onWrite(({ target }) => {
      if (target.endsWith('/pki/ca.crt')) stop.abort(new Error('interrupted by SIGINT'));
    });
    await expect(runInit(host, { fields }, { signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    const invalid = {
      init: { ...fields.init, dryRun: true },
      cluster: { ...fields.cluster, networking: { podSubnet: 'nonsense' } },
    };
    const dry = await init(host, { fields: invalid });
    expect(dry.error).toMatchObject({ code: 'config-invalid' });
    expect(dry.warnings.map(({ code }) => code)).not.toContain('run-can-continue');
  });
});

describe('single phases beside a whole init that is going on', () => {
  const upload = { fields, only: ['upload-config'] };
  const cleanup = { fields: { criSocket: 'unix:///run/x.sock' }, force: true };

  /** The host as another process sees it. */
  function otherProcess(host: MemoryHost): MemoryHost {
    const readText: typeof host.files.readText = async (path, ...rest) =>
      path === '/proc/self/stat'
        ? (processFiles(4002)[path] ?? '')
        : await host.files.readText(path, ...rest);
    return { ...host, files: { ...host.files, readText } };
  }

  /** Runs `single` when the init writes its last manifest. */
  async function beside<T>(host: MemoryHost, single: () => Promise<T>, signal?: AbortSignal) {
    let outcome: Promise<unknown> | undefined;
    host.gate.onWrite(({ target }) => {
      if (!target.endsWith('/manifests/kube-scheduler.yaml')) return;
      outcome ??= single().catch((error: unknown) => error);
    });
    const whole: unknown = await runInit(host, { fields }, signal === undefined ? {} : { signal }).catch(
      (error: unknown) => error,
    );
    return { whole, single: await outcome };
  }

  const refused = {
    code: 'unfinished-run',
    message: 'another kubeadm init is running on this machine: process 4001',
  };

  test('are refused in another process, and the init ends well', async () => {
    for (const single of [
      (host: MemoryHost): Promise<unknown> => runReset(host, { ...cleanup, only: ['cleanup-node'] }),
      (host: MemoryHost) => runInit(host, upload),
      (host: MemoryHost) => runInit(host, { fields, only: ['preflight', 'certs'] }),
    ]) {
      const host = bootableMachine();
      const { single: error, whole } = await beside(host, () => single(otherProcess(host)));
      expect(error).toMatchObject(refused);
      expect(whole).toHaveProperty('nodeName', 'cp1');
    }
  });

  test('run if they are a dry run or preflight', async () => {
    for (const request of [
      { ...cleanup, only: ['preflight'] },
      { ...cleanup, only: ['cleanup-node'], dryRun: true },
    ]) {
      const host = bootableMachine();
      const { single, whole } = await beside(host, () => runReset(otherProcess(host), request));
      expect(single).toHaveProperty('phases', request.only);
      expect(whole).toHaveProperty('nodeName', 'cp1');
    }
  });

  test('of the same process run, and leave the record of that init', async () => {
    const host = bootableMachine();
    const stop = new AbortController();
    const single = async () => {
      try {
        return await runInit(host, upload);
      } finally {
        stop.abort(new Error('interrupted by SIGINT'));
      }
    };
    const ended = await beside(host, single, stop.signal);
    expect(ended.single).toHaveProperty('nodeName', 'cp1');
    expect(ended.whole).toMatchObject({ code: 'interrupted' });
    expect(await host.files.lstat(runRecordFile)).toBeDefined();
    expect((await init(host)).error).toBeUndefined();
  });
});
