/** What a client of the container runtime promises: of a machine in memory, or of a real containerd. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import type { CriClient } from '../../src/clients/cri/cri-client.ts';
import { CriError } from '../../src/errors.ts';

export interface CriSubject {
  readonly connect: () => CriClient;
  /** An image that the runtime has, and one that it can get from nowhere. */
  readonly present: string;
  readonly unobtainable: string;
  /** A client of a socket that nothing listens on. */
  readonly connectToNothing: () => CriClient;
}

/** The runtime has no Pods. */
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

    test('the runtime reports its cgroup driver, and its sandbox image or nothing', async () => {
      expect(['systemd', 'cgroupfs']).toContain(await client.cgroupDriver());
      // containerd 1.x and CRI-O tell it, containerd 2.x does not.
      expect((await client.sandboxImage()) ?? 'a/pause:1.0').toMatch(/^[a-z0-9.\-/]+\/pause:\d+\.\d+/);
    });

    test('the runtime knows its images from others, and an image that is not available is an error', async () => {
      expect(await client.hasImage(subject.present)).toBe(true);
      expect(await client.hasImage(subject.unobtainable)).toBe(false);
      const error = await client.pullImage(subject.unobtainable).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(CriError);
      expect((error as Error).message).toContain(subject.unobtainable);
      expect(await client.hasImage(subject.unobtainable)).toBe(false);
    });

    test('without Pods the lists are empty, and stopping and removing what is gone is fine', async () => {
      expect(await client.podSandboxes()).toEqual([]);
      expect(await client.containers()).toEqual([]);
      await client.stopPodSandbox('none');
      await client.removePodSandbox('none');
    });

    test('a socket that nobody serves is an unavailable runtime, with a hint', async () => {
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
