/** A cluster on one node that uses much of the machine, and the comparison of that machine before and after it. */
import { expect, vi } from 'vitest';

import { testImage } from '../../components/index.ts';
import { expectedPods, kubectl, waitForCluster } from '../../lab/cluster.ts';
import { installPodNetwork, type Lab, type LabNode } from '../../lab/index.ts';
import { changes } from './interop.ts';
import { machineState } from './machine-state.ts';
import { configFile, nodeName, runKubeadm, writeConfig } from './node.ts';

type ProxyMode = 'iptables' | 'nftables';

/** Differences that `reset --all` leaves, because kubeadm cannot know who made them or other programs use them. */
interface Explanation {
  /** Matches a line of `changes`. */
  readonly difference: RegExp;
  readonly why: string;
  /** Texts with which `reset --all` names these things as left. */
  readonly named?: readonly string[];
}

const explanations: readonly Explanation[] = [
  {
    difference:
      /^\+ (?:ip6?tables-nft (?:filter|mangle|nat) :[A-Z]+ ACCEPT|nft table ip6? (?:filter|mangle|nat): (?:table .*|chain (?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) \{|type (?:nat|filter|route) hook .*policy accept;)|nft \})$/,
    why: 'tables of iptables that have no rule and let everything pass',
  },
  {
    difference: /^\+ (?:iptables-nft nat|nft table ip nat:) .*(?:CNI-HOSTPORT-|0x0*2000)/,
    why: 'rules of the CNI plugin portmap, which other programs use, too',
    named: ['CNI-HOSTPORT-DNAT, CNI-HOSTPORT-MASQ, CNI-HOSTPORT-SETMARK'],
  },
  {
    difference: /^~ setting (?:vm\.|kernel\.|net\.netfilter\.nf_conntrack_tcp_timeout_)/,
    why: 'settings of the kernel whose values before the cluster are not known',
    named: [
      ...['vm.overcommit_memory = 1', 'kernel.panic = 10', 'kernel.panic_on_oops = 1'],
      'net.netfilter.nf_conntrack_tcp_timeout_established = 86400',
      'net.netfilter.nf_conntrack_tcp_timeout_close_wait = 3600',
    ],
  },
  { difference: /^~ setting net\.netfilter\.nf_conntrack_count$/, why: 'a number of connections' },
  {
    difference: /^\+ file (?:\/run|\/var\/lib)\/containerd\/(?!.*\/(?:cni-|[0-9a-f]{64}))/,
    why: 'folders of containerd, and files of removed containers that it deletes some time later',
  },
  { difference: /^\+ file \/run\/netns$/, why: 'an empty folder that containerd makes' },
  { difference: /^\+ file \/run\/xtables\.lock$/, why: 'the lock of all programs of iptables' },
  { difference: /^\+ file \/root\/\.kube\/cache(?:\/|$)/, why: 'the cache of kubectl' },
  {
    difference: /^[+~] unit network-online\.target /,
    why: 'a target that systemd reaches when it starts the kubelet',
  },
  {
    difference: /^\+ unit kubelet\.service loaded inactive dead$/,
    why: 'a unit that systemd has read, as soon as somebody asks for it',
  },
  {
    difference: /^[+~-] file \/run\/systemd\/show-status$/,
    why: 'a file of systemd about its messages, which it writes if the start of a machine takes long',
  },
];

/** Lines of `changes` from before `init` to a cluster that runs. Without them, the comparison would prove nothing. */
const traces: Readonly<Record<ProxyMode | 'both', readonly RegExp[]>> = {
  both: [
    /^\+ file \/etc\/kubernetes\/manifests\/etcd\.yaml$/,
    /^\+ file \/root\/\.kube\/config$/,
    /^\+ file \/var\/lib\/cni\/results\/./,
    /^\+ file \/var\/lib\/etcd\/member$/,
    /^\+ file \/var\/log\/pods\/./,
    /^\+ file \/usr\/libexec\/kubernetes\/./,
    /^\+ mount \/var\/lib\/kubelet\/pods\/.* tmpfs$/,
    /^\+ mount \/run\/netns\/cni-/,
    /^\+ link cni0$/,
    /^\+ link veth/,
    /^\+ route 10\.244\.0\.0\/24 dev cni0 /,
    /^[+~] unit kubelet\.service loaded active running$/,
    /^\+ container [0-9a-f]{64}$/,
    /^\+ task [0-9a-f]{64}$/,
    /^\+ process kube-apiserver$/,
    /^\+ socket tcp \*:6443$/,
    /^\+ cgroup .*\/kubepods/,
    /^\+ iptables-nft mangle :KUBE-KUBELET-CANARY -$/,
  ],
  iptables: [
    /^\+ iptables-nft nat :KUBE-SERVICES -$/,
    /^\+ ip6tables-nft nat :KUBE-SERVICES -$/,
    /^~ setting net\.ipv4\.conf\.all\.route_localnet$/,
  ],
  nftables: [/^\+ nft table ip kube-proxy: chain services \{$/],
};

/** A Pod with a volume in memory and a port of the host, and a Service with a NodePort. */
const objects = {
  apiVersion: 'v1',
  kind: 'List',
  items: [
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 0,
        tolerations: [{ operator: 'Exists' }],
        volumes: [{ name: 'data', emptyDir: { medium: 'Memory' } }],
        containers: [
          {
            name: 'main',
            image: testImage,
            imagePullPolicy: 'IfNotPresent',
            command: ['sleep', '86400'],
            ports: [{ containerPort: 8080, hostPort: 8081 }],
            volumeMounts: [{ name: 'data', mountPath: '/data' }],
          },
        ],
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: {
        type: 'NodePort',
        selector: { app: 'web' },
        ports: [{ port: 80, targetPort: 8080, nodePort: 30080 }],
      },
    },
  ],
};

/** Expects that after `init`, a running cluster and `reset --all` the machine is as before, except for `explanations`. */
export async function expectCleanMachine(lab: Lab, node: LabNode, mode: ProxyMode): Promise<void> {
  await writeConfig(lab, node, { kubeProxy: { mode } });
  // The lab links it to the administrator's file.
  await node.mustExec(['rm', '/root/.kube/config']);
  // A node shows the /usr of the machine that runs the tests, on which a kubelet may have run.
  await node.mustExec(['rm', '-rf', '/usr/libexec/kubernetes']);
  await node.mustExec(['sh', '-c', 'while ip -6 addr show tentative | grep -q .; do sleep 0.1; done']);
  const before = await machineState(node);
  await useMachine(lab, node);
  // The kubelet and kube-proxy write their rules some time after their Pods are ready.
  await vi.waitFor(
    async () => {
      const made = changes(before, await machineState(node));
      const missing = [...traces.both, ...traces[mode]].filter(
        (trace) => !made.some((line) => trace.test(line)),
      );
      expect(missing.map(String), 'things that a cluster makes').toEqual([]);
    },
    { timeout: 60_000, interval: 1000 },
  );

  const output = await runKubeadm(node, ['reset', '--all', '-f']);
  const left = changes(before, await machineState(node));
  const explained = explanations.filter(({ difference }) => left.some((line) => difference.test(line)));
  expect(left.filter((line) => !explained.some(({ difference }) => difference.test(line)))).toEqual([]);
  expect(output).toContain('[reset] Nothing of the cluster is left on this machine.');
  for (const text of explained.flatMap(({ named = [] }) => named)) expect(output).toContain(text);
}

/** Makes a cluster, and uses the parts of the machine that only Pods, Services and users need. */
async function useMachine(lab: Lab, node: LabNode): Promise<void> {
  await runKubeadm(node, ['init', '--config', configFile]);
  await node.mustExec(['cp', '/etc/kubernetes/admin.conf', '/root/.kube/config']);
  await installPodNetwork(lab);
  await kubectl(node, ['apply', '-f', '-'], { input: JSON.stringify(objects) });
  await waitForCluster(node, { pods: expectedPods(nodeName) });
  const wait = ['wait', '--for=condition=Ready', 'pod/web', '--timeout=120s'];
  await kubectl(node, wait, { timeoutMs: 130_000 });
}
