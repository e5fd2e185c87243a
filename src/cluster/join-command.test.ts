import { describe, expect, test } from 'vitest';
import { caPem, caPin, certificateKey, controlPlaneHost, token } from '../phases/init/input.fixture.ts';
import { currentCluster, joinCommand } from './join-command.ts';

const cluster = { name: 'kubernetes', server: 'https://10.11.0.10:6443', certificateAuthorityData: caPem };
const worker = `kubeadm join 10.11.0.10:6443 --token ${token} \\\n\t--discovery-token-ca-cert-hash ${caPin} `;

describe('joinCommand', () => {
  test('prints the form that scripts read', () => {
    expect(joinCommand(cluster, { token })).toBe(worker);
    expect(joinCommand(cluster, { token, controlPlane: { certificateKey } })).toBe(
      `${worker}\\\n\t--control-plane --certificate-key ${certificateKey}`,
    );
    expect(joinCommand(cluster, { token, controlPlane: { certificateKey: '' } })).toBe(
      `${worker}\\\n\t--control-plane `,
    );
  });

  test('has a hash for every certificate of the bundle', () => {
    const bundle = { ...cluster, certificateAuthorityData: caPem + caPem };
    const pin = `--discovery-token-ca-cert-hash ${caPin} `;
    expect(joinCommand(bundle, { token }).endsWith(`\t${pin}${pin}`)).toBe(true);
  });

  test('hides the token and the key if the options ask for it, also if there is no key', () => {
    const controlPlane = { certificateKey: '', skipCertificateKeyPrint: true };
    const text = joinCommand(cluster, { token, skipTokenPrint: true, controlPlane });
    expect(text).not.toContain(token);
    expect(text).toContain('--token <value withheld> \\');
    expect(text.endsWith('--control-plane --certificate-key <value withheld>')).toBe(true);
  });

  test('requires a CA, and does not show the password in the URL of the server', () => {
    expect(() => joinCommand({ name: 'x', server: 'https://u:hunter2@a' }, { token })).toThrow(
      'no CA certificate for the server https://u:<secret>@a',
    );
  });
});

describe('currentCluster', () => {
  test('reads the CA from the file that the kubeconfig names', async () => {
    const host = controlPlaneHost({ files: { '/root/pki/ca.crt': caPem } });
    const text = await host.files.readText('/etc/kubernetes/admin.conf');
    const changed = text.replace(/certificate-authority-data: \S+/, 'certificate-authority: pki/ca.crt');
    await host.files.write('/root/config', changed, { mode: 0o600 });
    expect((await currentCluster(host, '/root/config')).certificateAuthorityData).toBe(caPem);
  });

  test('refuses a kubeconfig whose current context does not exist', async () => {
    const host = controlPlaneHost();
    const text = await host.files.readText('/etc/kubernetes/admin.conf');
    await host.files.write('/root/config', text.replace(/current-context: .*/, 'current-context: x'), {
      mode: 0o600,
    });
    await expect(currentCluster(host, '/root/config')).rejects.toThrow('"x"');
  });
});
