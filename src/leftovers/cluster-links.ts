/** The network links that a cluster makes on its nodes, as a table. */

export interface ClusterLink {
  readonly name: RegExp;
  /** The kinds of the kernel that such a link has. A link of this name and of another kind was made by somebody else. */
  readonly kinds: readonly string[];
  readonly madeBy: string;
  /** Whether the host ends of Pods are attached to it. */
  readonly bridge?: true;
}

/** Sources: the code and the documentation of each network plugin. */
export const clusterLinks: readonly ClusterLink[] = [
  {
    name: /^cni0$/,
    kinds: ['bridge'],
    madeBy: 'the CNI plugin bridge, which flannel uses, too',
    bridge: true,
  },
  { name: /^cbr0$/, kinds: ['bridge'], madeBy: 'the kubelet, with kubenet', bridge: true },
  { name: /^kube-bridge$/, kinds: ['bridge'], madeBy: 'kube-router', bridge: true },
  { name: /^weave$/, kinds: ['bridge', 'openvswitch'], madeBy: 'Weave Net', bridge: true },
  { name: /^flannel(?:-v6)?\.\d+$/, kinds: ['vxlan'], madeBy: 'flannel' },
  { name: /^flannel-wg(?:-v6)?$/, kinds: ['wireguard'], madeBy: 'flannel' },
  { name: /^cali[0-9a-f]{11}$/, kinds: ['veth'], madeBy: 'Calico, for a Pod' },
  { name: /^vxlan(?:-v6)?\.calico$/, kinds: ['vxlan'], madeBy: 'Calico' },
  { name: /^(?:wireguard|wg-v6)\.cali$/, kinds: ['wireguard'], madeBy: 'Calico' },
  { name: /^bpf(?:in|out)\.cali$/, kinds: ['veth'], madeBy: 'Calico with eBPF' },
  { name: /^cilium_(?:host|net)$/, kinds: ['veth'], madeBy: 'Cilium' },
  { name: /^cilium_(?:vxlan|geneve)$/, kinds: ['vxlan', 'geneve'], madeBy: 'Cilium' },
  { name: /^cilium_wg0$/, kinds: ['wireguard'], madeBy: 'Cilium' },
  { name: /^cilium_ipip[46]$/, kinds: ['ipip', 'ip6tnl'], madeBy: 'Cilium' },
  { name: /^lxc(?:_health|[0-9a-f]{12})$/, kinds: ['veth'], madeBy: 'Cilium, for a Pod' },
  { name: /^vethwe-(?:bridge|datapath)$/, kinds: ['veth'], madeBy: 'Weave Net' },
  { name: /^vethwepl\w+$/, kinds: ['veth'], madeBy: 'Weave Net, for a Pod' },
  { name: /^vxlan-6784$/, kinds: ['vxlan'], madeBy: 'Weave Net' },
  { name: /^antrea-gw0$/, kinds: ['openvswitch'], madeBy: 'Antrea' },
  { name: /^antrea-(?:egress|ingress)0$/, kinds: ['dummy'], madeBy: 'Antrea' },
  { name: /^kube-dummy-if$/, kinds: ['dummy'], madeBy: 'kube-router' },
  { name: /^nodelocaldns$/, kinds: ['dummy'], madeBy: 'NodeLocal DNSCache' },
];

/**
 * Links that a cluster may use, and that the kernel makes when it loads a module. They cannot be deleted, and disappear
 * with the module.
 */
export const kernelLinks: ReadonlyMap<string, string> = new Map([
  ['tunl0', 'the kernel module ipip made it. If Calico used it, "modprobe -r ipip" removes it'],
]);
