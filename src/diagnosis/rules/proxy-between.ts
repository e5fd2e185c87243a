/** Requests to the API server that a proxy does not pass on. */
import { joinHostPort, serverOf } from '../../lib/host-port.ts';
import { proxyFor } from '../../lib/proxy.ts';
import { manifestPath } from '../../names.ts';
import type { ComponentFacts, Facts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { type FailedRequest, failedRequest } from '../logs/failed-request.ts';
import type { Remedy } from '../remedy.ts';
import type { ProxyFacts } from '../setup-facts.ts';
import { healthOf, isHealthy } from './health.ts';

const patienceMs = 15_000;
/** A component that runs for so long has recovered from its earlier ends. */
const recoveredMs = 60_000;
/** A kubelet that was started again has reported its Node by then, also on a slow machine. */
const heartbeatMs = 120_000;
/** The refusals of a proxy that its server does not change by starting. */
const refusal = /^(?:Forbidden|Proxy Authentication Required|Method Not Allowed)$/;

export const proxyBetween: Rule = {
  name: 'proxy-between',
  title: 'A proxy stands between a program and the API server',
  // The other programs may have no proxy.
  explainsSymptoms: false,
  proof:
    'The environment of the program has a proxy for the server, and NO_PROXY does not name the server. The request failed, and the API server answers without a proxy. It is certain if the proxy has refused the kubelet for 15 s.',
  cure: 'Add the address of the API server and the subnets of Services and Pods to NO_PROXY of the program.',
  find: (facts) =>
    answersDirectly(facts) ? (facts.proxies ?? []).flatMap((one) => findingsOf(facts, one)) : [],
};

/** Whether a message of the look can be about a proxy. */
export function asksForProxies(facts: Pick<Facts, 'components' | 'nodeFailures' | 'sandboxes'>): boolean {
  const messages = [...(facts.nodeFailures ?? []), ...facts.sandboxes].map(({ message }) => message);
  const logs = (facts.components ?? []).flatMap(logOf);
  return [...messages, ...logs].some((line) => failedRequest(line) !== undefined);
}

function answersDirectly({ machine }: Facts): boolean {
  const { endpoint } = machine ?? {};
  const answers =
    endpoint !== undefined && endpoint.error === undefined && endpoint.lookupError === undefined;
  return answers || isHealthy({ machine }, 'kube-apiserver');
}

function findingsOf(facts: Facts, proxy: ProxyFacts): readonly Finding[] {
  const { program, proxy: url } = proxy;
  const request = requestsOf(facts, proxy).findLast((one) => isProxied(one, proxy));
  if (request === undefined) return [];
  const { cause, host, port } = request;
  const name = program === 'kubelet' ? 'the kubelet' : program;
  return [
    {
      code: program === 'kubelet' ? 'kubelet-failed' : 'net',
      component: program,
      certainty: program === 'kubelet' && isRefusedForLong(facts, request) ? 'certain' : 'likely',
      summary: `${name} sends its requests to https://${joinHostPort(host, port)} through the proxy ${url}, and they fail: ${cause}`,
      evidence: [],
      remedy: remedyOf(program, host),
    },
  ];
}

function isProxied({ host, port }: FailedRequest, { noProxy, proxy }: ProxyFacts): boolean {
  const environment = { HTTPS_PROXY: proxy, NO_PROXY: noProxy };
  return proxyFor({ scheme: 'https', host, port }, environment) !== undefined;
}

/** The failed requests of a program, oldest first. */
function requestsOf(facts: Facts, { error, program }: ProxyFacts): readonly FailedRequest[] {
  const { components = [], sandboxes } = facts;
  if (program === 'kubeadm') return error === undefined ? [] : toEndpoint(facts, error);
  if (program === 'kubelet') return requestsOfKubelet(facts);
  const messages = program.startsWith('kube-')
    ? components.filter(({ name }) => name === program).flatMap(logOf)
    : sandboxes.map(({ message }) => message);
  return messages.flatMap((message) => failedRequest(message) ?? []);
}

function requestsOfKubelet(facts: Facts): readonly FailedRequest[] {
  const { nodeFailures = [] } = facts;
  const node = facts.machine?.node;
  if (isUnheard(facts)) return toEndpoint(facts, 'the API server has not heard of the kubelet for a while');
  if (node?.exists === true) return [];
  const failures = nodeFailures.filter(({ kind }) => kind === 'register').map(({ message }) => message);
  return failures.slice(-1).flatMap((message) => failedRequest(message) ?? []);
}

/** Whether the API server has had no news of a kubelet that has run for some time. */
function isUnheard({ kubelet, machine }: Facts): boolean {
  const { node, now = 0 } = machine ?? {};
  const since = kubelet?.state === 'active' ? kubelet.unit?.since : undefined;
  if (since === undefined || now - since < heartbeatMs) return false;
  if (healthOf({ machine }, 'kubelet')?.isHealthy === false) return false;
  return (
    node?.problems.some(({ reason, type }) => type === 'Ready' && reason === 'NodeStatusUnknown') === true
  );
}

function toEndpoint({ machine }: Facts, cause: string): readonly FailedRequest[] {
  if (machine?.endpoint === undefined) return [];
  return [{ ...serverOf(machine.endpoint.server), cause }];
}

/** The log of the last run that ended, unless the component has recovered. */
function logOf({ exits, runs, runsForMs = 0 }: ComponentFacts): readonly string[] {
  return exits === 0 || runsForMs >= recoveredMs ? [] : (runs.at(-1)?.log ?? []);
}

function isRefusedForLong({ nodeFailures = [] }: Facts, { cause }: FailedRequest): boolean {
  if (!refusal.test(cause)) return false;
  const failures = nodeFailures.filter(({ kind }) => kind === 'register');
  const other = failures.findLastIndex(({ message }) => failedRequest(message)?.cause !== cause);
  const [first, last] = [failures[other + 1], failures.at(-1)];
  return first !== undefined && last !== undefined && last.at - first.at >= patienceMs;
}

function remedyOf(program: string, host: string): Remedy {
  const text = `Add ${host} and the subnets of Services and Pods to NO_PROXY`;
  if (program === 'kubeadm') {
    return { kind: 'steps', text: `${text} of kubeadm`, commands: [`export NO_PROXY="$NO_PROXY,${host}"`] };
  }
  if (program.startsWith('kube-')) {
    return {
      kind: 'steps',
      text: `${text} in ${manifestPath(program)} and of kubeadm, which copies its own variables into the manifests`,
      commands: [],
    };
  }
  return {
    kind: 'steps',
    text: `${text} in the environment of the unit ${program}`,
    commands: [`systemctl edit ${program}`, `systemctl restart ${program}`],
  };
}
