import { type Check, warn } from '../check.ts';
import { service } from './service.ts';

const own = service('kubelet');

/** The check Service-kubelet. A masked unit has its own warning, because it can neither be enabled nor started. */
export const serviceKubelet: Check = {
  name: own.name,
  check: async (host) => {
    const answer = await host.exec.probe('systemctl', ['is-enabled', 'kubelet']).catch(() => undefined);
    if (answer?.stdout.trim() !== 'masked') return await own.check(host);
    return warn(
      "the service kubelet is masked and cannot be started: please run 'systemctl unmask kubelet' and 'systemctl enable kubelet.service'",
    );
  },
};
