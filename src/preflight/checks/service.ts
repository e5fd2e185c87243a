import { type Check, passed, warn } from '../check.ts';

export const noInitSystem =
  'no supported init system was found (neither systemctl nor openrc is in the PATH): services were not checked';

/** Warns if the service is missing or not enabled. It need not be active. Source: preflight/checks.go ServiceCheck. */
export function service(name: string): Check {
  return {
    name: `Service-${name}`,
    check: async ({ services }) => {
      const initSystem = await services.initSystem();
      if (initSystem === undefined) return warn(noInitSystem);
      if (!(await services.exists(name))) {
        return warn(`the service ${name} does not exist: install it, or the node will not start`);
      }
      if (await services.isEnabled(name)) return passed;
      const enable =
        initSystem === 'systemd' ? `systemctl enable ${name}.service` : `rc-update add ${name} default`;
      return warn(
        `the service ${name} is not enabled and will not start with the machine: please run '${enable}'`,
      );
    },
  };
}
