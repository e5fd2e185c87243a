/** Private keys, tokens and certificate keys appear only in the results that users ask for. */
import { setTimeout as sleep } from 'node:timers/promises';

import { expect } from 'vitest';

import type { LabNode, RunResult } from '../../../lab/index.ts';

/** Secret lines of PEM blocks and of the base64 in kubeconfigs, too long to appear elsewhere by accident. */
const collect =
  'sed -n "/PRIVATE KEY/,/PRIVATE KEY/p" $(find /etc/kubernetes /var/lib/kubelet -type f) | grep -v -- -----; ' +
  'sed -n "s/.*client-key-data: //p" /etc/kubernetes/*.conf | while read -r line; do echo "$line"; ' +
  'echo "$line" | base64 -d | grep -v -- -----; done';

/** Runs `work`, and collects the command lines of all processes of the node every 100 ms until it ends. */
export async function withCommandLines<T>(
  node: LabNode,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly commandLines: string }> {
  let running = true;
  const commandLines: string[] = [];
  const sample = async (): Promise<void> => {
    while (running) {
      const all = await node.exec(['sh', '-c', 'cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" "\\n"']);
      commandLines.push(all.stdout);
      await sleep(100);
    }
  };
  const sampling = sample();
  const result = await work().finally(async () => {
    running = false;
    await sampling;
  });
  return { result, commandLines: commandLines.join('\n') };
}

/** `init` is the result of an `init --upload-certs`, and `commandLines` are those of all processes during it. */
export async function expectNoSecrets(
  node: LabNode,
  { init, commandLines }: { readonly init: RunResult; readonly commandLines: string },
): Promise<void> {
  const token = /--token (\S+)/.exec(init.stdout)?.[1] ?? '';
  const certificateKey = /Using certificate key:\n([0-9a-f]{64})\n/.exec(init.stdout)?.[1] ?? '';
  expect(token).toMatch(/^[a-z0-9]{6}\.[a-z0-9]{16}$/);
  expect(certificateKey).toHaveLength(64);
  const keys = (await node.mustExec(['sh', '-c', collect]))
    .split('\n')
    .filter((line) => line.trim().length >= 32)
    .map((line) => line.trim());
  expect(keys.length).toBeGreaterThan(150);

  // The results that users ask for: two join commands (control plane, worker), and the line of upload-certs.
  const stdout = init.stdout
    .replaceAll(`--token ${token}`, '')
    .replaceAll(`--certificate-key ${certificateKey}`, '')
    .replace(`Using certificate key:\n${certificateKey}\n`, '');
  const secret = token.split('.')[1] ?? '';
  const journal = await node.logs();
  const places = { stdout, stderr: init.stderr, journal, commandLines };
  const values = [secret, certificateKey, ...keys];
  for (const [place, text] of Object.entries(places)) {
    // A failing expectation must not print secrets either.
    const found = text
      .split('\n')
      .map((line) => values.reduce((masked, value) => masked.replaceAll(value, '<SECRET>'), line))
      .filter((line) => line.includes('<SECRET>'));
    expect.soft(found, `secrets in ${place}`).toEqual([]);
  }

  // Only root may read keys, and any other file to which kubeadm writes a secret.
  const wide = `find / -xdev -type f -perm /077 \\( -path '/etc/*' -o -path '/var/lib/kubelet/*' -o -path '/tmp/*' -o -path '/run/*' \\) -not -path '/var/lib/kubelet/pods/*' -exec grep -l -e 'PRIVATE KEY' -e client-key-data -e ${secret} -e ${certificateKey} {} +`;
  const readable = (await node.exec(['sh', '-c', wide])).stdout.split('\n').filter((line) => line !== '');
  expect.soft(readable.filter((path) => /kube/.test(path) || !/^\/etc\/ss[lh]/.test(path))).toEqual([]);
}
