import type { Host } from '../host.ts';
import { loadPatches, type PatchSet } from '../patches/index.ts';
import type { BuildContext } from './run-workflow.ts';

interface PatchedRun extends Pick<BuildContext, 'emit' | 'single'> {
  /** Full names of the phases that apply patches. */
  readonly phases: readonly string[];
}

/**
 * Reads the patches of a run before its first write. Returns undefined without a directory, and if no selected phase applies
 * patches.
 *
 * @throws the errors of `loadPatches`
 */
export async function readPatches(
  { files }: Pick<Host, 'files'>,
  directory: string | undefined,
  { emit, phases, single }: PatchedRun,
): Promise<PatchSet | undefined> {
  const isWanted = single === undefined || phases.some((phase) => single.has(phase));
  return directory === undefined || !isWanted ? undefined : await loadPatches({ files }, directory, emit);
}
