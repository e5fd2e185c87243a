/** A component runs or keeps ending because it cannot connect to another one, although that one is healthy. */
import type { ComponentFacts, Facts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { healthOf, isHealthy } from './health.ts';
import { connectMs, isReady, neededBy } from './needed.ts';

/** A healthy component takes connections, so one that is refused to kubeadm, too, goes to another address. */
const refusedMs = 5_000;
/** The kernel refuses a connection to a port on which nothing listens yet, so a silent one is not that of a slow component. */
const silentMs = 10_000;
const manyLines = 3;
const lastLines = 4;

const failure =
  /dial tcp (\S+:\d+): (?:connect: )?(connection refused|i\/o timeout|no route to host|network is unreachable|connection timed out|operation was canceled)/;
/** The whole time limit of the program has passed during the try. */
const canceled = 'operation was canceled';
/** The API server also connects to itself, to webhooks and to the servers of other APIs, but it uses gRPC only for etcd. */
const ofEtcdClient = /\btransport: /;
const noAnswer = /^(?:i\/o timeout|connection timed out)$/;

export const cannotConnect: Rule = {
  name: 'cannot-connect',
  title: 'A component cannot connect to the one that it needs',
  proof:
    'It is not healthy, kubeadm cannot connect to the address that its log or its manifest names, and the component that it needs has run and been healthy for 5 s, or for 10 s if the connection gets no answer.',
  cure: 'Correct the address in the arguments of one of them, or the firewall.',
  find: (facts) =>
    (facts.components ?? []).flatMap((component): readonly Finding[] => {
      const server = neededBy(component.name, facts);
      const failed = failedConnection(component, facts) ?? closedServer(component, facts);
      if (server === undefined || failed === undefined) return [];
      const needed = server.component;
      const { address, last, why } = failed;
      const outcome = facts.connections?.[address];
      // A client logs such lines when it only gives up a connection that it does not need any more.
      if (outcome === 'accepted') return [];
      const tried = outcome === 'refused' ? refusedMs : outcome === 'silent' ? silentMs : undefined;
      if (!isReady(server, facts, tried ?? connectMs)) return [];
      const healthyMs = server.healthyMs ?? 0;
      const isSilent = noAnswer.test(why) || why === canceled;
      const needsMs = tried ?? (noAnswer.test(why) ? silentMs : undefined);
      const isCertain =
        needsMs === undefined
          ? healthyMs >= connectMs && ageMs(facts, component) < healthyMs
          : healthyMs >= needsMs;
      return [
        {
          code: 'container-failed',
          component: component.name,
          certainty: isCertain ? 'certain' : 'likely',
          summary: `${component.name} cannot connect to ${needed} at ${address} (${isSilent ? 'no answer' : why}), although ${needed} is healthy: it listens at another address, or a firewall is between them`,
          evidence: last === '' ? [] : [last.slice(0, 300)],
          remedy: {
            kind: 'steps',
            text: `Correct the address of ${needed} in the arguments of ${component.name}, the addresses at which ${needed} listens, or the firewall`,
            commands: [`ss -ltnp 'sport = :${portOf(address)}'`],
          },
        },
      ];
    }),
};

interface FailedConnection {
  /** Such as 127.0.0.1:2379. */
  readonly address: string;
  readonly why: string;
  /** The last line about it; empty if the log has none yet. */
  readonly last: string;
}

/** The addresses that kubeadm tries itself: those of failures in the log, and those of an API server that is not healthy. */
export function addressesInDoubt(
  component: ComponentFacts,
  facts: Pick<Facts, 'machine'>,
): readonly string[] {
  const failed = failedConnection(component, facts)?.address;
  return [...configuredServers(component, facts), ...(failed === undefined ? [] : [failed])];
}

/** The servers that an API server needs which is not healthy, although the etcd of this machine is. */
function configuredServers({ name }: ComponentFacts, facts: Pick<Facts, 'machine'>): readonly string[] {
  const isInDoubt =
    name === 'kube-apiserver' &&
    healthOf(facts, name)?.isHealthy === false &&
    neededBy(name, facts)?.isHealthy === true;
  return isInDoubt ? (facts.machine?.etcdServers ?? []) : [];
}

/** A server that takes no connection of kubeadm, if all of them take none. The log of the API server says it some time later. */
function closedServer(component: ComponentFacts, facts: Facts): FailedConnection | undefined {
  const outcomes = configuredServers(component, facts).map((address) => ({
    address,
    outcome: facts.connections?.[address],
  }));
  const [first] = outcomes;
  const isClosed = outcomes.every(({ outcome }) => outcome === 'refused' || outcome === 'silent');
  if (first === undefined || !isClosed) return undefined;
  const why = first.outcome === 'silent' ? 'i/o timeout' : 'connection refused';
  return { address: first.address, why, last: '' };
}

/** The connection to the component that this one needs, if its log ends with failures of it and it is not healthy. */
function failedConnection(
  component: ComponentFacts,
  facts: Pick<Facts, 'machine'>,
): FailedConnection | undefined {
  const needed = neededBy(component.name, facts)?.component;
  if (needed === undefined || isHealthy(facts, component.name)) return undefined;
  const log = logOf(component);
  const isOwn = (line: string): boolean =>
    failure.test(line) && (needed !== 'etcd' || ofEtcdClient.test(line));
  const ends = log.slice(-lastLines).filter(isOwn);
  const last = ends.findLast((line) => noAnswer.test(failure.exec(line)?.[2] ?? '')) ?? ends.at(-1);
  const [, address = '', why = ''] = failure.exec(last ?? '') ?? [];
  const lines = log.filter((line) => isOwn(line) && line.includes(address));
  return last === undefined || lines.length < manyLines ? undefined : { address, why, last };
}

function portOf(address: string): string {
  return address.slice(address.lastIndexOf(':') + 1);
}

function logOf({ runningLog, runs }: ComponentFacts): readonly string[] {
  return runningLog ?? runs.at(-1)?.log ?? [];
}

/**
 * The milliseconds since the start of the run that has the log. Lines of an older run can be from the time before the other
 * component was healthy: a client waits longer after each try, and the kubelet waits longer before each start.
 */
function ageMs({ machine }: Facts, { runningLog, runs, runsForMs }: ComponentFacts): number {
  if (runningLog !== undefined) return runsForMs ?? Number.POSITIVE_INFINITY;
  const { endedAt, ranMs } = runs.at(-1) ?? {};
  if (machine === undefined || endedAt === undefined || ranMs === undefined) return Number.POSITIVE_INFINITY;
  return machine.now - endedAt + ranMs;
}
