import { type Rule, sameAgain } from '../cause.ts';

export const kubeletWithoutConfig: Rule = {
  name: 'kubelet-without-config',
  title: 'The kubelet does not read what kubeadm wrote',
  proof: 'Its systemd unit starts it without the flag `--config`, and reads no file that could add the flag.',
  remedy: "Install kubeadm's drop-in for `kubelet.service`.",
  find: ({ kubelet }) => {
    if (kubelet?.withoutConfig !== true) return undefined;
    return {
      code: 'kubelet-failed',
      component: 'kubelet',
      summary:
        'the unit of the kubelet starts it without the flag --config, so it reads neither the configuration that ' +
        'kubeadm wrote nor the manifests',
      evidence: [],
      advice:
        "Install kubeadm's drop-in, which the kubeadm package has as kubelet.service.d/10-kubeadm.conf " +
        '(`systemctl cat kubelet` shows the unit and its drop-ins), then run `systemctl daemon-reload`, ' +
        `${sameAgain}`,
    };
  },
};
