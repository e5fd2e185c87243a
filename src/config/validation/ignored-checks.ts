import { at } from '../../lib/is-record.ts';
import { placeIn } from '../document-reader.ts';
import type { Finding } from '../findings/finding.ts';
import type { ConfigDocument } from '../reading/documents.ts';
import { invalid, isAllBesideOthers } from './values.ts';

const list = 'ignorePreflightErrors';

/** The paths of the lists of checks to ignore. */
const lists: Readonly<Record<string, readonly (readonly string[])[]>> = {
  InitConfiguration: [['nodeRegistration', list]],
  JoinConfiguration: [['nodeRegistration', list]],
  ResetConfiguration: [[list]],
  UpgradeConfiguration: [
    ['apply', list],
    ['node', list],
    ['plan', list],
  ],
};

/** Returns the lists that a run refuses. Loading does not check them, because the lists of a flag belong to them. */
export function checkIgnoredChecks(documents: readonly ConfigDocument[]): readonly Finding[] {
  return documents.flatMap((document) =>
    (lists[document.kind] ?? []).flatMap((path): readonly Finding[] => {
      const checks = at(document.value, ...path);
      const names = Array.isArray(checks) ? checks.map((check) => String(check).toLowerCase()) : [];
      if (!isAllBesideOthers(names)) return [];
      const message = "don't specify individual checks if 'all' is used";
      return [{ ...invalid(path.join('.'), names.join(','), message), place: placeIn(document, path) }];
    }),
  );
}
