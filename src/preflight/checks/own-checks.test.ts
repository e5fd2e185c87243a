import { expect, test } from 'vitest';
import { defaultCluster } from '../../config/v1beta4/defaults.ts';
import { defaultInterfaces } from '../../host/memory/net.ts';
import { kubeadmVersion } from '../../versions.ts';
import { clean, verdict } from '../verdict.fixture.ts';
import { advertiseAddress } from './advertise-address.ts';
import { extraArgs } from './extra-args.ts';
import { loopback } from './loopback.ts';
import { portOfEtcdMetrics } from './port-of-etcd-metrics.ts';
import { resolvConf } from './resolv-conf.ts';
import { serviceKubelet } from './service-kubelet.ts';

const warning = (text: RegExp) => ({ errors: [], warnings: [expect.stringMatching(text)] });

test('the check Port-2381 warns if another program uses the port', async () => {
  expect(await verdict(portOfEtcdMetrics)).toEqual(clean);
  const taken = await verdict(portOfEtcdMetrics, {}, ({ machine }) => machine.listening.add(2381));
  expect(taken).toEqual(warning(/^Port 2381 is in use.*listen-metrics-urls/));
});

test('the check AdvertiseAddress warns if no interface has the address', async () => {
  expect(await verdict(advertiseAddress('10.0.0.5'))).toEqual(clean);
  expect(await verdict(advertiseAddress('10.0.0.6'))).toEqual(warning(/no interface .* 10\.0\.0\.6/));
  const unknown = await verdict(advertiseAddress('10.0.0.6'), {}, ({ machine }) => {
    machine.interfaces = [];
  });
  expect(unknown).toEqual(clean);
});

test('the check Loopback warns if the interface is down', async () => {
  expect(await verdict(loopback)).toEqual(clean);
  const down = await verdict(loopback, {}, ({ machine }) => {
    machine.interfaces = defaultInterfaces.map((one) => ({ ...one, up: !one.loopback }));
  });
  expect(down).toEqual(warning(/ip link set lo up/));
});

test('the check ResolvConf warns if the file does not exist', async () => {
  const check = resolvConf({ resolvConf: '/run/x.conf' });
  expect(await verdict(check, { files: { '/run/x.conf': '' } })).toEqual(clean);
  expect(await verdict(check)).toEqual(warning(/\/run\/x\.conf of resolvConf .* does not exist/));
  expect(await verdict(resolvConf({}))).toEqual(clean);
});

test('the check Service-kubelet warns of a masked unit with the command that unmasks it', async () => {
  const programs = { systemctl: { code: 1, stdout: 'masked\n' } };
  expect(await verdict(serviceKubelet, { programs })).toEqual(warning(/masked.*systemctl unmask kubelet/));
});

test('the check ExtraArgs warns of a file that no volume mounts, and of no other', async () => {
  const files = { '/etc/audit/policy.yaml': '', '/etc/kubernetes/pki/x.crt': '', '/var/log/audit.log': '' };
  const args = [
    { name: 'audit-policy-file', value: '/etc/audit/policy.yaml' },
    { name: 'audit-log-path', value: '/var/log/audit.log' },
    { name: 'client-ca-file', value: '/etc/kubernetes/pki/x.crt' },
    { name: 'encryption-provider-config', value: '/etc/not-here.yaml' },
  ];
  const of = (extraVolumes: readonly object[]) =>
    extraArgs(
      defaultCluster({ kubernetesVersion: kubeadmVersion, apiServer: { extraArgs: args, extraVolumes } }),
    );
  expect(await verdict(of([]), { files })).toEqual(
    warning(/^the file \/etc\/audit\/policy\.yaml of audit-policy-file .* apiServer\.extraVolumes$/),
  );
  const volume = { name: 'audit', hostPath: '/etc/audit', mountPath: '/etc/audit' };
  expect(await verdict(of([volume]), { files })).toEqual(clean);
});
