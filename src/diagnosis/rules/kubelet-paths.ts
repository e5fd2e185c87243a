/** Rules about what the configuration of the kubelet names. */
import { manifestsDir, staticPods } from '../../names.ts';
import type { Rule } from '../finding.ts';
import { isHealthy } from './health.ts';

/** The kubelet tries the port again every 5 s, so the other program has used it for at least 10 s by then. */
const manyTries = 3;
/** A kubelet that reads the manifests makes the first sandbox sooner. Flags and links can lead to them as well. */
const patienceMs = 20_000;

export const manifestsElsewhere: Rule = {
  name: 'static-pod-path',
  title: 'The kubelet reads the manifests of static Pods from another directory',
  proof:
    'staticPodPath of its configuration is not /etc/kubernetes/manifests, and no component of the control plane has a sandbox. After 20 s, the wait ends.',
  cure: 'Correct `staticPodPath` of the KubeletConfiguration.',
  find: ({ components = [], elapsedMs, machine }) => {
    const path = machine?.staticPodPath;
    const own = components.filter(({ name }) => staticPods.some((pod) => pod === name));
    if (path === undefined || path.replace(/\/+$/, '') === manifestsDir || own.length === 0) return [];
    if (own.some(({ state }) => state !== 'no-sandbox')) return [];
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        certainty: elapsedMs >= patienceMs ? 'certain' : 'likely',
        summary: `the kubelet does not start the control plane, because staticPodPath of its configuration is ${path === '' ? 'not set' : path}, and kubeadm writes the manifests into ${manifestsDir}`,
        evidence: [],
        remedy: { kind: 'kubelet-configuration', field: 'staticPodPath' },
      },
    ];
  },
};

export const kubeletHealthPort: Rule = {
  name: 'kubelet-health-port-taken',
  title: "Another program uses the port of the kubelet's health endpoint",
  proof:
    'The kubelet reports three times that the port is in use, is not healthy there, and another program listens there.',
  cure: 'Stop the other program, or set `healthzPort` of the KubeletConfiguration.',
  find: ({ listeners, machine, nodeFailures = [] }) => {
    const failures = nodeFailures.filter(({ kind }) => kind === 'health-port');
    const failure = failures.at(-1);
    if (failure === undefined || isHealthy({ machine }, 'kubelet')) return [];
    const port = /:(\d+): bind/.exec(failure.message)?.[1];
    const holder = listeners?.find((one) => one.port === Number(port));
    // An earlier kubelet ends soon, and the port may be free already.
    const isTaken = holder !== undefined && holder.program !== 'kubelet';
    const who =
      holder?.program === undefined
        ? 'another program uses it'
        : `${holder.program} (process ${holder.pid ?? 'unknown'}) uses it`;
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        certainty: isTaken && failures.length >= manyTries ? 'certain' : 'likely',
        summary:
          port === undefined
            ? `the kubelet cannot serve its health endpoint: ${failure.message}`
            : `the kubelet cannot listen on port ${port} of its health endpoint, because ${who} (address already in use)`,
        evidence: [failure.message],
        remedy: {
          kind: 'steps',
          text: `Stop the program that listens on the port${port === undefined ? '' : ` ${port}`}, or set healthzPort of the KubeletConfiguration`,
          commands: port === undefined ? ['journalctl -u kubelet'] : [`ss -ltnp 'sport = :${port}'`],
        },
      },
    ];
  },
};
