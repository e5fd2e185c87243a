/** Rules about what the configuration of the kubelet names. */
import { manifestsDir, staticPods } from '../../names.ts';
import type { Rule } from '../finding.ts';

export const manifestsElsewhere: Rule = {
  name: 'static-pod-path',
  title: 'The kubelet reads the manifests of static Pods from another directory',
  proof:
    'staticPodPath of its configuration is not /etc/kubernetes/manifests, and no component of the control plane has a sandbox.',
  cure: 'Correct `staticPodPath` of the KubeletConfiguration.',
  find: ({ components = [], machine }) => {
    const path = machine?.staticPodPath;
    const own = components.filter(({ name }) => staticPods.some((pod) => pod === name));
    if (path === undefined || path.replace(/\/+$/, '') === manifestsDir || own.length === 0) return [];
    if (own.some(({ state }) => state !== 'no-sandbox')) return [];
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        certainty: 'certain',
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
  proof: 'The kubelet reports that the port is in use, and is not healthy there.',
  cure: 'Stop the other program, or set `healthzPort` of the KubeletConfiguration.',
  find: ({ listeners, machine, nodeFailures = [] }) => {
    const failure = nodeFailures.findLast(({ kind }) => kind === 'health-port');
    const isHealthy = machine?.health.some((one) => one.component === 'kubelet' && one.isHealthy) ?? false;
    if (failure === undefined || isHealthy) return [];
    const port = /:(\d+): bind/.exec(failure.message)?.[1];
    const holder = listeners?.find((one) => one.port === Number(port));
    const who =
      holder?.program === undefined
        ? 'another program uses it'
        : `${holder.program} (process ${holder.pid ?? 'unknown'}) uses it`;
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        certainty: holder?.program === 'kubelet' ? 'likely' : 'certain',
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
