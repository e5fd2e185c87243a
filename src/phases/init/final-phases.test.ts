/** kubelet-finalize and show-join-command. */
import { describe, expect, test } from 'vitest';
import { parseKubeconfig } from '../../kubeconfig/parse.ts';
import {
  caPin,
  certificateKey,
  controlPlaneHost,
  type InputChanges,
  initInput,
  kubeconfigText,
  runPhase,
  token,
} from './input.fixture.ts';
import { kubeletFinalize } from './kubelet-finalize.ts';
import { showJoinCommand } from './show-join-command.ts';

describe('kubelet-finalize', () => {
  const conf = '/etc/kubernetes/kubelet.conf';
  const files = {
    [conf]: kubeconfigText('system:node:cp1'),
    '/var/lib/kubelet/pki/kubelet-client-current.pem': 'x',
    '/data/pki/kubelet-client-current.pem': 'x',
  };

  test('points kubelet.conf to the certificate that the kubelet renews, and restarts it', async () => {
    const host = controlPlaneHost({ files });
    expect((await runPhase(kubeletFinalize, initInput(), host)).error).toBeUndefined();
    const [user] = parseKubeconfig(await host.files.readText(conf), conf).users;
    expect(user).toEqual({
      name: 'system:node:cp1',
      clientCertificate: '/var/lib/kubelet/pki/kubelet-client-current.pem',
      clientKey: '/var/lib/kubelet/pki/kubelet-client-current.pem',
    });
    expect(host.units.get('kubelet')?.active).toBe(true);
  });

  test('follows the last cert-dir of the kubelet', async () => {
    const host = controlPlaneHost({ files });
    const { nodeRegistration } = initInput().init;
    const kubeletExtraArgs = ['/a', '/data/pki'].map((value) => ({ name: 'cert-dir', value }));
    const input = initInput({ init: { nodeRegistration: { ...nodeRegistration, kubeletExtraArgs } } });
    await runPhase(kubeletFinalize, input, host);
    expect(await host.files.readText(conf)).toContain('client-key: /data/pki/kubelet-client-current.pem');
  });

  test('does nothing without that certificate', async () => {
    const host = controlPlaneHost({ files: { [conf]: kubeconfigText('system:node:cp1') } });
    const none = await runPhase(kubeletFinalize, initInput(), host);
    expect(none.events).toMatchObject([{ type: 'detail' }]);
    expect(host.gate.writes).toEqual([]);
  });

  test('names the file whose current context is broken', async () => {
    const broken = kubeconfigText('system:node:cp1').replace(/current-context: .*/, 'current-context: other');
    const host = controlPlaneHost({ files: { ...files, [conf]: broken } });
    const { error } = await runPhase(kubeletFinalize, initInput(), host);
    expect(error).toMatchObject({ code: 'kubeconfig-invalid', message: expect.stringContaining(conf) });
  });
});

describe('show-join-command', () => {
  async function text(changes: InputChanges): Promise<string> {
    const { events, error } = await runPhase(showJoinCommand, initInput(changes), controlPlaneHost());
    expect(error).toBeUndefined();
    const [event] = events;
    return event?.type === 'control-plane-initialized' ? event.text : '';
  }

  const worker = `kubeadm join lb.example:7443 --token ${token} \\\n\t--discovery-token-ca-cert-hash ${caPin} \n`;

  test('ends with the command for workers', async () => {
    const shown = await text({});
    expect(shown.startsWith('\nYour Kubernetes control-plane has initialized successfully!\n')).toBe(true);
    expect(shown.endsWith(`\n\n${worker}`)).toBe(true);
    expect(shown).toContain('  sudo cp -i /etc/kubernetes/admin.conf $HOME/.kube/config\n');
    expect(shown).toContain('  export KUBECONFIG=/etc/kubernetes/admin.conf\n');
    expect(shown).not.toContain('--control-plane');
  });

  test('shows the command for control planes where the cluster has an endpoint', async () => {
    const cluster = { controlPlaneEndpoint: 'lb.example:7443' };
    const copied = await text({ cluster });
    expect(copied).toContain(`${caPin} \\\n\t--control-plane \n`);
    expect(copied).not.toContain(certificateKey);
    const uploaded = await text({ cluster, options: { uploadCerts: true } });
    expect(uploaded).toContain(`${caPin} \\\n\t--control-plane --certificate-key ${certificateKey}\n`);
    expect(uploaded).toContain('two hours');
  });

  test('shows a command for every token, and withholds what it is told to', async () => {
    const [first] = initInput().init.bootstrapTokens;
    if (first === undefined) throw new Error('the fixture has no token');
    const second = { ...first, token: 'zzzzzz.0123456789abcdef' };
    expect(await text({ init: { bootstrapTokens: [first, second] } })).toContain(
      '--token zzzzzz.0123456789abcdef \\',
    );
    const cluster = { controlPlaneEndpoint: 'lb.example:7443' };
    const options = { uploadCerts: true, skipTokenPrint: true, skipCertificateKeyPrint: true };
    const hidden = await text({ cluster, options });
    expect(hidden).not.toContain(token);
    expect(hidden).not.toContain(certificateKey);
    expect(hidden).toContain('--control-plane --certificate-key <value withheld>');
  });

  test('needs the phases that make tokens and upload certificates', () => {
    expect(showJoinCommand.requires).toEqual(['bootstrap-token', 'upload-certs']);
  });
});
