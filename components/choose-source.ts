/** Which source a build takes its programs from. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Program } from './catalogue.ts';
import { ComponentsError } from './errors.ts';
import { createGoSource } from './go-source.ts';
import { createOfficialSource } from './official-source.ts';
import type { Source } from './source.ts';

/** `auto`: Go where it is there and new enough, else the official release files. */
export const sourceChoices = ['auto', 'go', 'release'] as const;
export type SourceChoice = (typeof sourceChoices)[number];

export interface ChosenSource {
  readonly source: Source;
  /** Why `auto` took the release files: what is wrong with Go. */
  readonly reason: string | undefined;
}

/**
 * The wanted source; without a wish that of COMPONENTS_SOURCE, then `auto`.
 * @param root folder of the cache.
 * @param probe a program that Go is asked about.
 * @throws ComponentsError for an unknown wish.
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

/** Beside the cache's entries; the dot keeps it from being one. */
const downloadsFolder = '.downloads';

function parseChoice(text: string): SourceChoice {
  const found = sourceChoices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw new ComponentsError(`unknown source ${JSON.stringify(text)}`, {
    hint: `Known: ${sourceChoices.join(', ')} (--source, COMPONENTS_SOURCE).`,
  });
}
