import type { Finding, Rule } from '../finding.ts';
import { times } from '../times.ts';
import { type Ending, endings } from './ended-component.ts';

/** `open /etc/kubernetes/audit.yaml: no such file or directory`, `stat /x: no such file or directory`. */
const pattern = /\b(?:open|stat|lstat|read) \\?"?(\/[^\s:"\\]+)\\?"?: no such file or directory/;

export const missingFile: Rule = {
  name: 'missing-file',
  title: 'A component does not find a file that its arguments name',
  proof:
    'Its last message names a file that is not in its container, and the file is on this machine or the component ended twice.',
  cure: 'Mount the file with `extraVolumes`, or correct the argument.',
  find: (facts) =>
    endings(facts).flatMap((ending) => {
      const path = missingPath(ending);
      const exists = path === undefined ? undefined : facts.namedPaths?.[path];
      if (path === undefined || !(ending.isRepeated || exists === true)) return [];
      return [finding(ending, path, exists)];
    }),
};

/** The file that the last message of a component misses. */
export function missingPath({ words }: Pick<Ending, 'words'>): string | undefined {
  return pattern.exec(words?.reason ?? '')?.[1];
}

function finding({ component, run, words }: Ending, path: string, exists: boolean | undefined): Finding {
  const { exits, name } = component;
  const where =
    exists === true ? 'is on this machine, but no volume mounts it into the container' : 'does not exist';
  return {
    code: 'container-failed',
    component: name,
    certainty: 'certain',
    exitCode: run.exitCode,
    summary: `${name} cannot start (exit code ${run.exitCode}, ${times(exits)}), because the file ${path} ${where}: ${words?.reason ?? ''}`,
    evidence: words?.evidence ?? [],
    remedy: { kind: 'missing-file', component: name, path, exists: exists === true },
    ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
  };
}
