/** Chooses the source of the programs of a build. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Program } from './catalogue.ts';
import { ComponentsError } from './errors.ts';
import { createGoSource } from './go-source.ts';
import { createOfficialSource } from './official-source.ts';
import type { Source } from './source.ts';

/** `auto` means Go if it is installed and new enough, and otherwise the official release files. */
export const sourceChoices = ['auto', 'go', 'release'] as const;
export type SourceChoice = (typeof sourceChoices)[number];

export interface ChosenSource {
  readonly source: Source;
  /** The problem of Go because of which `auto` chose the release files. */
  readonly reason: string | undefined;
}

/**
 * Returns the wanted source. Defaults to that of COMPONENTS_SOURCE, and then to `auto`.
 * @param root the folder of the cache.
 * @param probe a program that is used to check Go.
 * @throws ComponentsError for an unknown source.
 */
export async function chooseSource(
  root: string,
  probe: Program,
  options: { readonly wanted?: string | undefined; readonly environment?: NodeJS.ProcessEnv } = {},
): Promise<ChosenSource> {
  const environment = options.environment ?? process.env;
  const choice = parseChoice(options.wanted ?? (environment.COMPONENTS_SOURCE || 'auto'));
  const go = createGoSource(dirname(fileURLToPath(import.meta.url)));
  if (choice === 'go') return { source: go, reason: undefined };
  const official = createOfficialSource({
    downloads: join(root, downloadsFolder),
    mirror: environment.COMPONENTS_MIRROR,
  });
  if (choice === 'release') return { source: official, reason: undefined };
  try {
    await go.key(probe);
    return { source: go, reason: undefined };
  } catch (error) {
    if (!(error instanceof ComponentsError)) throw error;
    return { source: official, reason: error.message };
  }
}

/** A folder beside the cache's entries. Its name begins with a dot, so it is not an entry. */
const downloadsFolder = '.downloads';

function parseChoice(text: string): SourceChoice {
  const found = sourceChoices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new ComponentsError(`unknown source ${JSON.stringify(text)}`, {
    hint: `Known: ${sourceChoices.join(', ')} (--source, COMPONENTS_SOURCE).`,
  });
}
