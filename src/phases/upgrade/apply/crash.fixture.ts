/** Cuts the power after a write of a whole `upgrade apply`, then runs the same command again. */
import { expect } from 'vitest';
import type { MemoryHost } from '../../../host/memory/index.ts';
import { machineOf, type Remains, remainsOf } from '../../../run-record/machine.fixture.ts';
import { controlPlane, liveControlPlane } from '../machine.fixture.ts';
import { runUpgradeApply } from './run.ts';

export interface Cut {
  /** Index of the write, from 0. */
  readonly index: number;
  readonly write: string;
  readonly remains: Remains;
}

/** Chooses the writes after which the power is cut. */
export type Choose = (cuts: readonly Cut[]) => readonly Cut[];

const request = { version: 'v1.36.2', yes: true } as const;
const components = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** The files and objects that do not depend on keys and times. */
function state(host: MemoryHost): Readonly<Record<string, unknown>> {
  const files = host.snapshot();
  const kept = Object.keys(files).filter(
    (path) => !/^\/(?:run|proc)\/|kubeadm-upgrade|\/pki\/|\.conf$|^\/var\/log\//.test(path),
  );
  const texts = kept.map((path) => [path, files[path]?.text] as const);
  const objects = ['ConfigMap', 'DaemonSet', 'Deployment', 'Pod'].flatMap((kind) =>
    host.api
      .all()
      .filter((object) => object.kind === kind)
      .map(({ metadata, data, spec }) => [
        `${kind} ${metadata.name}`,
        JSON.stringify({ data, image: JSON.stringify(spec ?? {}).match(/"image":"[^"]+"/g) }),
      ]),
  );
  return { ...Object.fromEntries(texts), ...Object.fromEntries(objects) };
}

/**
 * Each second run must end with the same manifests, objects and configuration as an undisturbed run, and with back-ups of
 * the original manifests.
 *
 * @returns the number of writes of an undisturbed run
 */
export async function expectSameUpgrade(choose: Choose): Promise<number> {
  const { host, manifest } = await controlPlane();
  const original = Object.fromEntries(components.map((name) => [`${name}.yaml`, manifest(name)]));
  const cuts: Cut[] = [];
  host.gate.onWrite(({ kind, target }, count) => {
    cuts.push({ index: cuts.length, write: `${count}: ${kind} ${target}`, remains: remainsOf(host) });
  });
  await runUpgradeApply(host, request);
  const expected = state(host);
  for (const { index, remains, write } of choose(cuts)) {
    const again = liveControlPlane(machineOf(remains, index + 10), 'v1.35.4');
    await runUpgradeApply(again.host, request);
    const found = state(again.host);
    expect(found, write).toMatchObject(expected);
    const backups = Object.entries(found).filter(([path]) => path.includes('/kubeadm-backup-manifests-'));
    for (const [path, text] of backups.filter(([name]) => name.endsWith('.yaml'))) {
      expect(text, `${write}: ${path}`).toBe(original[path.slice(path.lastIndexOf('/') + 1)]);
    }
    expect(found['/var/lib/kubeadm/unfinished-run.json'], write).toBeUndefined();
    expect(
      Object.keys(found).filter((path) => /\/\.[^/]*\.kubeadm-[0-9a-f]{12}/.test(path)),
      write,
    ).toEqual([]);
  }
  return cuts.length;
}
