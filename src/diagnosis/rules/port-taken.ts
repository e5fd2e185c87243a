import type { Listener } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { times } from '../times.ts';
import { type Ending, endings } from './ended-component.ts';

const pattern = /listen tcp\d? (\S*?):(\d+): bind: address already in use/;

export const portTaken: Rule = {
  name: 'port-taken',
  title: 'Another program uses the port of a component',
  proof:
    'It ended because its port is in use, and another program listens there. If that program is not known, it ended twice.',
  cure: 'Stop the other program, or give it another port.',
  find: (facts) =>
    endings(facts).flatMap((ending) => {
      const [, address = '', port] = pattern.exec(ending.words?.reason ?? '') ?? [];
      if (port === undefined) return [];
      const holder = facts.listeners?.find((one) => one.port === Number(port));
      if (!ending.isRepeated && holder?.program === undefined) return [];
      return [finding(ending, { address, port, holder })];
    }),
};

interface Taken {
  readonly address: string;
  readonly port: string;
  readonly holder: Listener | undefined;
}

function finding(
  { component: { exits, name }, run, words }: Ending,
  { address, holder, port }: Taken,
): Finding {
  const own = holder?.program !== undefined && name.startsWith(holder.program);
  const who =
    holder?.program === undefined
      ? 'another program'
      : `${holder.program} (process ${holder.pid ?? 'unknown'})`;
  return {
    code: 'container-failed',
    component: name,
    // The earlier process of the component may be about to end.
    certainty: own && exits < 4 ? 'likely' : 'certain',
    exitCode: run.exitCode,
    summary: `${name} cannot listen on port ${port}${address === '' ? '' : ` of ${address}`}, because ${who} uses it (address already in use, exit code ${run.exitCode}, ${times(exits)})`,
    evidence: words?.evidence ?? [],
    remedy: {
      kind: 'steps',
      text: `Stop the program that listens on port ${port}, or give it or ${name} another port`,
      commands: [`ss -ltnp 'sport = :${port}'`],
    },
    ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
  };
}
