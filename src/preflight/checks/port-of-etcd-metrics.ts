import { ports } from '../../names.ts';
import { type Check, passed, warn } from '../check.ts';

const number = ports.etcdMetrics;

/**
 * Warns if another program uses the port at which the kubelet asks for the health of etcd. Upstream has no such check, and
 * the control plane then does not start.
 */
export const portOfEtcdMetrics: Check = {
  name: `Port-${number}`,
  check: async ({ net }) =>
    (await net.canListen(number))
      ? passed
      : warn(
          `Port ${number} is in use, and etcd needs it at 127.0.0.1 for its health: "ss -ltnp 'sport = :${number}'" shows ` +
            'the process; stop it, or set listen-metrics-urls in etcd.local.extraArgs',
        ),
};
