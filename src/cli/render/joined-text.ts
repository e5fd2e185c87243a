import type { KubeadmEvent } from '../../events.ts';

/** The text at the end of a whole `join`. */
export function joinedText(event: Extract<KubeadmEvent, { readonly type: 'node-joined' }>): string {
  const facts = event.controlPlane
    ? [
        'This node has joined the cluster and a new control plane instance was created:',
        '',
        '* The API server has signed the certificate of the kubelet.',
        '* The kubelet uses that certificate.',
        '* The node has the label and the taints of a control plane.',
        '* The cluster has one more instance of each control plane component.',
        ...(event.etcdMember ? ['* The etcd cluster has one more member.'] : []),
      ]
    : [
        'This node has joined the cluster:',
        '* The API server has signed the certificate of the kubelet.',
        '* The kubelet uses that certificate.',
      ];
  const use =
    event.kubeconfig === undefined
      ? []
      : [
          '',
          'To use the cluster from this node as a regular user, run:',
          '',
          '  mkdir -p $HOME/.kube',
          `  sudo cp -i ${event.kubeconfig} $HOME/.kube/config`,
          '  sudo chown $(id -u):$(id -g) $HOME/.kube/config',
        ];
  const where = event.controlPlane ? '' : ' on a control plane';
  return `\n${[...facts, ...use, '', `'kubectl get nodes'${where} shows the new node.`].join('\n')}\n\n`;
}
