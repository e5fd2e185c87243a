/** The contract of a container runtime client, for a machine in memory and for a real containerd. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { CriClient } from '../../src/clients/cri/cri-client.ts';
import { CriError } from '../../src/errors.ts';

export interface CriSubject {
  readonly connect: () => CriClient;
  /** An image that the runtime has, and one that no registry has. */
  readonly present: string;
  readonly unobtainable: string;
  /** A client of a socket that nothing listens on. */
  readonly connectToNothing: () => CriClient;
}

/** The runtime must not have any Pods. */
export function criContract(name: string, subject: CriSubject): void {
  describe(`cri ${name}`, () => {
    let client: CriClient;
    beforeEach(() => {
      client = subject.connect();
    });
    afterEach(() => client.close());

    test('the runtime reports its name, version and condition', async () => {
      const { runtimeName, runtimeVersion } = await client.version();
      expect(runtimeName).toBe('containerd');
      expect(runtimeVersion).toMatch(/^v?\d+\.\d+\.\d+/);
      const conditions = await client.conditions();
      expect(conditions.find(({ type }) => type === 'RuntimeReady')).toMatchObject({ status: true });
      expect(conditions.map(({ type }) => type)).toContain('NetworkReady');
    });

    test('the runtime reports its cgroup driver, and its sandbox image if it knows it', async () => {
      expect(['systemd', 'cgroupfs']).toContain(await client.cgroupDriver());
      // containerd 1.x and CRI-O report it; containerd 2.x does not.
      expect((await client.sandboxImage()) ?? 'a/pause:1.0').toMatch(/^[a-z0-9.\-/]+\/pause:\d+\.\d+/);
    });

    test('the runtime reports which images it has, and pulling an unavailable image is an error', async () => {
      expect(await client.hasImage(subject.present)).toBe(true);
      expect(await client.hasImage(subject.unobtainable)).toBe(false);
      const error = await client.pullImage(subject.unobtainable).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CriError);
      expect((error as Error).message).toContain(subject.unobtainable);
      expect(await client.hasImage(subject.unobtainable)).toBe(false);
    });

    test('without Pods the lists are empty, and stopping or removing what is missing succeeds', async () => {
      expect(await client.podSandboxes()).toEqual([]);
      expect(await client.containers()).toEqual([]);
      await client.stopPodSandbox('none');
      await client.removePodSandbox('none');
      await client.stopContainer('none');
    });

    test('a socket without a server is reported as an unavailable runtime, with a hint', async () => {
      const other = subject.connectToNothing();
      const error = await other.version().catch((thrown: unknown) => thrown);
      other.close();
      expect(error).toBeInstanceOf(CriError);
      expect(error).toMatchObject({
        grpcCode: 'unavailable',
        message: expect.stringContaining('no container runtime answers on unix://'),
        hint: expect.stringContaining('--cri-socket'),
      });
    });
  });
}
