import { defaultEtcdDataDir } from '../../names.ts';
import type { EndedRun } from '../facts.ts';
import type { Rule } from '../finding.ts';
import { times } from '../times.ts';
import { endings } from './ended-component.ts';

/** Messages of bbolt and of etcd's log of writes about a file with other contents than they wrote. */
const damaged =
  /invalid database|checksum error|crc mismatch|file size too small|freepages: |invalid freelist|unexpected page type|self identifies as|page \d+ already freed/i;
/** The kernel ends a program that reads a page of a file that is not there any more. */
const fault = /^unexpected fault address /;
const databaseCode = /go\.etcd\.io\/bbolt/;

export const etcdDamaged: Rule = {
  name: 'etcd-database-damaged',
  title: 'The database of etcd is damaged',
  proof:
    'etcd ended twice, and its last message names a fault of the contents of its database, or it ended while it read a part of the file that is missing.',
  cure: 'Restore the data of etcd from a snapshot, or remove the member and let the node join again.',
  find: (facts) =>
    endings(facts).flatMap(({ component: { exits, name }, isRepeated, reason, run, words }) => {
      const isCut = endedByFault(run);
      if (name !== 'etcd' || !isRepeated || !(isCut || damaged.test(words?.reason ?? ''))) return [];
      const path = databaseOf(run);
      const why = isCut ? 'a part of the file is missing or cannot be read (bus error)' : reason;
      return [
        {
          code: 'etcd',
          component: name,
          certainty: 'certain',
          exitCode: run.exitCode,
          summary: `etcd cannot start, because its database ${path} is damaged: ${why} (exit code ${run.exitCode}, ${times(exits)})`,
          evidence: isCut ? run.log.filter((line) => fault.test(line)) : (words?.evidence ?? []),
          remedy: {
            kind: 'steps',
            text: 'Restore the data of etcd from a snapshot. If the cluster has other healthy members of etcd, remove this member instead, reset this node and let it join again',
            commands: [
              `ls -l ${path}`,
              `etcdutl snapshot restore SNAPSHOT --data-dir ${path.replace(/\/member\/.*$/, '')}`,
            ],
          },
          ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
        },
      ];
    }),
};

function endedByFault({ log }: EndedRun): boolean {
  return log.some((line) => fault.test(line)) && log.some((line) => databaseCode.test(line));
}

/** The path that etcd names when it opens its database. */
function databaseOf({ log }: EndedRun): string {
  const named = log.map((line) => /\bdb file \(([^)]+)\)/.exec(line)?.[1]).find((path) => path !== undefined);
  return named ?? `${defaultEtcdDataDir}/member/snap/db`;
}
