import { describe, expect, test } from 'vitest';
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

const warnings = (...texts: readonly RegExp[]) => ({
  errors: [],
  warnings: texts.map((text) => expect.stringMatching(text)),
});

describe('the check ExtraArgs', () => {
  const files = { '/etc/audit/policy.yaml': '', '/etc/kubernetes/pki/x.crt': '', '/var/log/audit.log': '' };
  const judged = (apiServer: object) =>
    verdict(extraArgs(defaultCluster({ kubernetesVersion: kubeadmVersion, apiServer })), { files });
  const args = (name: string, value: string) => [{ name, value }];
  const policy = args('audit-policy-file', '/etc/audit/policy.yaml');
  const volume = { name: 'audit', hostPath: '/etc/audit', mountPath: '/etc/audit' };

  test('warns of a file that no volume mounts', async () => {
    expect(await judged({ extraArgs: policy })).toEqual(
      warning(/^the file \/etc\/audit\/policy\.yaml of audit-policy-file .* apiServer\.extraVolumes$/),
    );
    expect(await judged({ extraArgs: policy, extraVolumes: [volume] })).toEqual(clean);
  });

  test.each(['false', 'F', '0'])(
    'warns of an API server that refuses probes: anonymous-auth=%s',
    async (value) => {
      expect(await judged({ extraArgs: args('anonymous-auth', value) })).toEqual(
        warning(/^anonymous-auth=.* lets the probes of kube-apiserver fail \(401\)/),
      );
      expect(await judged({ extraArgs: args('anonymous-auth', 'true') })).toEqual(clean);
    },
  );

  test('warns of a file that does not exist, in the place from which a volume mounts it', async () => {
    const missing = args('encryption-provider-config', '/etc/audit/no.yaml');
    expect(await judged({ extraArgs: missing })).toEqual(
      warning(/no\.yaml .* does not exist on this machine/),
    );
    const moved = { ...volume, hostPath: '/srv/audit' };
    expect(await judged({ extraArgs: missing, extraVolumes: [moved] })).toEqual(
      warning(/does not exist: its volume audit needs \/srv\/audit\/no\.yaml on this machine$/),
    );
  });

  test('warns of a volume whose type needs a path that does not exist', async () => {
    const typed = { ...volume, hostPath: '/srv/audit', pathType: 'Directory' };
    expect(await judged({ extraVolumes: [typed] })).toEqual(
      warnings(/^the hostPath \/srv\/audit of the volume audit in apiServer\.extraVolumes does not exist/),
    );
    expect(await judged({ extraVolumes: [{ ...typed, pathType: 'DirectoryOrCreate' }] })).toEqual(clean);
  });

  test('warns of nothing that the manifest mounts or that the component writes', async () => {
    const known = [
      ...args('audit-log-path', '/var/log/audit.log'),
      ...args('client-ca-file', '/etc/kubernetes/pki/x.crt'),
      ...args('feature-gates', 'X=true'),
    ];
    expect(await judged({ extraArgs: known })).toEqual(clean);
  });
});
