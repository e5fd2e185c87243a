/** Rules about the Node in the API. */
import { type Facts, kubeletClientName } from '../facts.ts';
import type { Rule } from '../finding.ts';
import { diskPressureReason } from './disk-pressure.ts';
import { healthOf } from './health.ts';

const registerMs = 15_000;
/** The time for a certificate of the API server that the kubelet does not accept. Only a wrong clock gets right by itself. */
const distrustMs = 3_000;
const distrust = /x509: (?!.*(?:expired|not yet valid))/;

export const nodeNotRegistered: Rule = {
  name: 'node-not-registered',
  title: 'The kubelet cannot register its Node',
  proof:
    'The kubelet has reported the same failure to register for 15 s (for 3 s if it does not accept the certificate of the API server), and the API server is healthy. Connections that are refused, reset or too slow do not end the wait. An answer that the certificate is refused ends it if that is of another authority or has expired. Answers of a server that is busy or not ready do not end it either.',
  cure: 'Correct what the message names: the name of the node, the rights of the kubelet, or the endpoint.',
  find: (facts) => {
    const failures = (facts.nodeFailures ?? []).filter(({ kind }) => kind === 'register');
    const last = failures.at(-1);
    if (last === undefined || isBeforeBootstrap(last.message, facts)) return [];
    const server = healthOf(facts, 'kube-apiserver');
    if (server?.answers !== true || facts.machine?.node?.exists === true) return [];
    // What keeps the API server from its work keeps the kubelet from its Node as well.
    if (!server.isHealthy && mayHeal(last.message)) return [];
    const other = failures.findLastIndex(({ message }) => message !== last.message);
    const first = failures[other + 1] ?? last;
    const isLasting = !isRefusal(last.message) && !mayHeal(last.message);
    const useless = isRefusal(last.message) ? uselessCertificate(facts) : undefined;
    const neededMs = distrust.test(last.message) ? distrustMs : registerMs;
    const isProved = (last.at - first.at >= neededMs && isLasting) || useless !== undefined;
    const isCertain = server.isHealthy && isProved;
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        certainty: isCertain ? 'certain' : 'likely',
        summary: `the kubelet cannot register its Node: ${last.message}${isRefusal(last.message) ? ` (the API server does not accept the certificate of the kubelet${useless === undefined ? '' : `: ${useless}`})` : ''}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Correct what the message names (`journalctl -u kubelet` shows the tries)',
          commands: ['journalctl -u kubelet'],
        },
      },
    ];
  },
};

/** The answer to a request whose certificate is missing or not trusted, if anonymous requests are off. */
function isRefusal(message: string): boolean {
  return /^unauthorized$/i.test(message.trim());
}

/** Why the client certificate of the kubelet is of no use for this cluster. */
function uselessCertificate({ machine }: Facts): string | undefined {
  const own = machine?.certificates.find(({ name }) => name === kubeletClientName);
  if (machine === undefined || own === undefined) return undefined;
  if (own.isTrusted === false) return `${own.path} is of another certificate authority`;
  return own.notAfter < machine.now ? `${own.path} has expired` : undefined;
}

/** Until the kubelet has its certificate, it asks without one, and it goes on as soon as it has one. */
function isBeforeBootstrap(message: string, { machine }: Facts): boolean {
  if (message.includes('"system:anonymous"')) return true;
  return isRefusal(message) && machine?.kubeletHasCertificate === false;
}

/** A server that is busy or just starts accepts the connection later. */
function mayHeal(message: string): boolean {
  return connectionMayHeal.test(message) || serverMayHeal.test(message);
}

const connectionMayHeal =
  /^Post "[^"]*": .*(?:timeout|deadline exceeded|connection (?:refused|reset|lost)|GOAWAY|EOF)/;
/** Answers of the API server while it starts, and while it or etcd is busy. */
const serverMayHeal =
  /etcdserver: |not yet ready to handle request|unable to handle the request|unable to return a response in the time|too many requests|try again later|request did not complete|context deadline exceeded/i;

export const networkPluginMissing: Rule = {
  name: 'pod-network-missing',
  title: 'The node has no Pod network',
  // The control plane runs without a Pod network, and there can only be one after the control plane is up.
  explainsSymptoms: false,
  explainsFailure: false,
  proof: 'The container runtime reports that its network is not ready.',
  cure: 'Install or repair the network add-on (CNI).',
  find: ({ runtime }) => {
    if (runtime?.network === undefined || runtime.network.ready) return [];
    return [
      {
        code: 'cri',
        component: 'Pod network',
        certainty: 'likely',
        summary: `the Pod network is not ready, so only Pods with hostNetwork run: ${runtime.network.message}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Install a network add-on, or repair the CNI configuration in /etc/cni/net.d and the plug-ins in /opt/cni/bin (containerd does not notice a file that is moved into the folder until it is restarted)',
          commands: ['ls /etc/cni/net.d /opt/cni/bin'],
        },
      },
    ];
  },
};

export const nodeNotReady: Rule = {
  name: 'node-condition',
  title: 'A condition of the Node is not as it should be',
  isSymptom: true,
  proof: 'The Node in the API is not Ready, or reports pressure.',
  cure: 'Do what the condition asks for.',
  find: ({ machine, runtime }) =>
    (machine?.node?.problems ?? [])
      .filter(({ reason }) => reason !== diskPressureReason)
      // The missing network has its own finding.
      .filter(
        ({ message }) =>
          runtime?.network?.ready !== false ||
          !/network (?:plugin )?(?:is )?not (?:ready|initialized)|NetworkPluginNotReady|cni/i.test(message),
      )
      .map(({ message, reason, since, type }) => ({
        code: 'kubelet-failed',
        component: 'Node',
        certainty: 'likely',
        summary: `the Node ${machine?.node?.name ?? ''} has the condition ${type === 'Ready' ? 'NotReady' : type} (${reason}): ${message}`,
        evidence: [],
        remedy: {
          kind: 'steps',
          text: 'Mend what the condition names',
          commands: [`kubectl describe node ${machine?.node?.name ?? ''}`.trim()],
        },
        ...(since === undefined ? {} : { since }),
      })),
};
