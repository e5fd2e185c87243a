/** Compares upstream's binary and this kubeadm on the same cases. */
import { expect } from 'vitest';

import { ensureComponents } from '../../components/index.ts';
import { differences } from './compare.ts';
import { ours, record } from './namespaces.ts';
import type { Case, Recorded } from './record.ts';

/**
 * Expects that both binaries have the same results, and returns those of upstream.
 *
 * @param isOnPurpose whether a line about a difference of a case reports one that docs/differences.md lists
 */
export async function compare(
  cases: readonly Case[],
  isOnPurpose: (line: string, upstream: Recorded, one: Case) => boolean = () => false,
): Promise<readonly Recorded[]> {
  const { programs } = await ensureComponents({ set: 'compare' });
  const [theirs, mine] = await Promise.all([record(programs.kubeadm, cases), record(ours, cases)]);
  const found = cases.flatMap((one, index) => {
    const [a, b] = [theirs[index], mine[index]];
    if (a === undefined || b === undefined) return [`${one.name}: not recorded`];
    const lines = differences(a, b).filter((line) => !isOnPurpose(line, a, one));
    return lines.length === 0 ? [] : [`${one.name}:\n  ${lines.join('\n  ')}`];
  });
  expect(found.join('\n')).toBe('');
  return theirs;
}
