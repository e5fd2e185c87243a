import type { Command } from '../command.ts';

/** `kubeadm certs`. */
export const certs: Command = {
  name: 'certs',
  aliases: ['certificates'],
  short: 'Work with the certificates of the cluster',
  later: ['check-expiration', 'generate-csr', 'renew'],
  commands: [
    {
      name: 'certificate-key',
      short: 'Make a key for --certificate-key: 32 random bytes in hexadecimal',
      run: async ({ host, output }) =>
        output.stdout(`${Buffer.from(host.random.bytes(32)).toString('hex')}\n`),
    },
  ],
};
