/** Cuts the power after a write of `certs renew --restart`, then runs the same command again. */
import { expect } from 'vitest';
import type { MemoryHost } from '../host/memory/index.ts';
import { kept, liveAgain, liveNode, renew } from './renew-restart.fixture.ts';

/** The number of writes by which runs differ at most. */
const fewerWrites = 4;

/** The files that hold certificates or keys. */
function pairs(host: MemoryHost): Readonly<Record<string, string | undefined>> {
  const files = Object.entries(host.snapshot()).filter(([path]) =>
    /^\/etc\/kubernetes\/([a-z-]+\.conf|pki\/.+\.(crt|key))$/.test(path),
  );
  return Object.fromEntries(files.map(([path, { text }]) => [path, text]));
}

/**
 * Each second run must renew what an undisturbed run renews, make the components use it, and leave no copy.
 *
 * @param choose chooses from the counts of the writes after which the power is cut
 * @returns the number of writes of an undisturbed run
 */
export async function expectSameRenewal(
  choose: (cuts: readonly number[]) => readonly number[],
): Promise<number> {
  const undisturbed = await liveNode();
  const begin = undisturbed.host.gate.writes.length;
  const before = pairs(undisturbed.host);
  expect((await renew(undisturbed, { restart: true })).error).toBeUndefined();
  const after = pairs(undisturbed.host);
  const renewed = Object.keys(before).filter((path) => before[path] !== after[path]);
  const count = undisturbed.host.gate.writes.length - begin;
  for (const cut of choose(Array.from({ length: count }, (_, index) => index))) {
    const node = await liveNode();
    node.host.gate.crashAfter(node.host.gate.writes.length + cut);
    const first = await renew(node, { restart: true });
    // Some runs have fewer writes than the undisturbed one, because they look at a component less often.
    if (first.error === undefined && cut >= count - fewerWrites) continue;
    expect(first.error, `cut ${cut}`).toBeDefined();
    const again = await liveAgain(node);
    const { error, result } = await renew(again, { restart: true });
    expect(error, `cut ${cut}`).toBeUndefined();
    expect(result?.certificates.every(({ outcome }) => outcome === 'renewed')).toBe(true);
    const found = pairs(again.host);
    expect(Object.keys(found), `cut ${cut}`).toEqual(Object.keys(before));
    expect(renewed.filter((path) => found[path] === before[path])).toEqual([]);
    expect(
      Object.keys(found).filter((path) => !renewed.includes(path) && found[path] !== before[path]),
    ).toEqual([]);
    expect(again.ended(), `cut ${cut}`).toEqual(['kube-controller-manager', 'kube-scheduler']);
    expect(Object.keys(again.host.snapshot()).filter((path) => path.startsWith(kept))).toEqual([]);
  }
  return count;
}
