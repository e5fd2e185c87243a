/** The contract of services, for a machine in memory and for a real systemd. */
import { describe, expect, test } from 'vitest';

import { ExecError } from '../../src/errors.ts';
import type { ServiceReads, ServiceWrites } from '../../src/host.ts';

/** `of` has the stopped services `contract` (enabled) and `failing` (disabled, cannot start), and no service `none`. */
export function servicesContract(name: string, of: () => ServiceReads & ServiceWrites): void {
  describe(`services ${name}`, () => {
    test('an installed service exists, enabled or not', async () => {
      const services = of();
      expect(await services.initSystem()).toBe('systemd');
      const ask = async (service: string): Promise<readonly boolean[]> =>
        await Promise.all(
          [services.exists, services.isEnabled, services.isActive].map((question) => question(service)),
        );
      expect(await ask('contract')).toEqual([true, true, false]);
      expect(await ask('failing')).toEqual([true, false, false]);
      expect(await ask('none')).toEqual([false, false, false]);
    });

    test('a service is active between its start and its stop', async () => {
      const services = of();
      await services.start('contract');
      expect(await services.isActive('contract')).toBe(true);
      await services.restart('contract');
      expect(await services.isActive('contract')).toBe(true);
      await services.stop('contract');
      expect(await services.isActive('contract')).toBe(false);
      await services.restart('contract');
      expect(await services.isActive('contract')).toBe(true);
      await services.stop('contract');
      await services.stop('contract');
      expect(await services.isActive('contract')).toBe(false);
    });

    test.each(['start', 'restart'] as const)(
      '%s of a service that cannot start is an ExecError with its name',
      async (verb) => {
        const services = of();
        for (const service of ['failing', 'none']) {
          const error = await services[verb](service).catch((thrown: unknown) => thrown);
          expect(error).toBeInstanceOf(ExecError);
          expect((error as Error).message).toContain(`systemctl ${verb} ${service}`);
          expect(await services.isActive(service)).toBe(false);
        }
      },
    );

    test('a missing service cannot be stopped', async () => {
      await expect(of().stop('none')).rejects.toBeInstanceOf(ExecError);
    });
  });
}
