import { expect, test } from 'vitest';
import { clean, verdict } from '../verdict.fixture.ts';
import { serviceKubelet } from './service-kubelet.ts';

test('the check Service-Kubelet passes for an enabled service, running or not', async () => {
  expect(serviceKubelet.name).toBe('Service-kubelet');
  expect(await verdict(serviceKubelet, { services: { kubelet: { enabled: true, active: false } } })).toEqual(
    clean,
  );
});

test('the check Service-Kubelet warns with the command that enables it', async () => {
  const services = { kubelet: { enabled: false } };
  const systemd = await verdict(serviceKubelet, { services });
  expect(systemd).toEqual({
    errors: [],
    warnings: [expect.stringContaining("'systemctl enable kubelet.service'")],
  });
  const openrc = await verdict(serviceKubelet, { services, initSystem: 'openrc' });
  expect(openrc.warnings).toEqual([expect.stringContaining("'rc-update add kubelet default'")]);
});

test('the check Service-Kubelet warns when the service or the init system is missing', async () => {
  const missing = await verdict(serviceKubelet, {}, (host) => host.units.delete('kubelet'));
  expect(missing).toEqual({ errors: [], warnings: [expect.stringContaining('does not exist')] });
  const none = await verdict(serviceKubelet, { initSystem: 'none' });
  expect(none).toEqual({ errors: [], warnings: [expect.stringContaining('no supported init system')] });
});
