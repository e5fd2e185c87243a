import type { Host } from '../../host.ts';
import type { SearchContext } from '../../leftovers/search.ts';
import { recordOnDisk } from '../../run-record/unfinished.ts';
import type { ResetInput } from './input.ts';

/** The values with which `reset --all` looks for the leftovers of the cluster. */
export async function searchContext(
  { certificatesDir, criSocket, identity }: ResetInput,
  host: Host,
  { afterCleanup, signal }: Pick<SearchContext, 'afterCleanup' | 'signal'>,
): Promise<SearchContext> {
  const record = await recordOnDisk(host, () => undefined);
  const etcdDataDir = record?.command === 'reset' ? record.etcdDataDir : undefined;
  return { identity, certificatesDir, criSocket, etcdDataDir, afterCleanup, signal };
}
