import { type Check, passed, warn } from '../check.ts';
import { noInitSystem } from './service.ts';

/** Warns if firewalld is active, because it may close `ports`. Source: preflight/checks.go FirewalldCheck. */
export function firewalld(ports: readonly number[]): Check {
  return {
    name: 'Firewalld',
    check: async ({ services }) => {
      if ((await services.initSystem()) === undefined) return warn(noInitSystem);
      if (!(await services.exists('firewalld'))) return passed;
      if (!(await services.isActive('firewalld'))) return passed;
      const options = ports.map((port) => `--add-port=${port}/tcp`).join(' ');
      return warn(
        `firewalld is active: the cluster works only if it lets TCP ports ${ports.join(' and ')} through ` +
          `(for instance: firewall-cmd --permanent ${options} && firewall-cmd --reload)`,
      );
    },
  };
}
