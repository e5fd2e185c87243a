import { command, type LazyCommand } from '../../command.ts';

const lazyCheckExpiration: LazyCommand = {
  name: 'check-expiration',
  short: 'Show when the certificates of this control-plane node expire',
  load: async () => (await import('./check-expiration.ts')).checkExpiration,
};

const lazyGenerateCsr: LazyCommand = {
  name: 'generate-csr',
  short: 'Make keys and certificate signing requests, for an external CA to sign',
  load: async () => (await import('./generate-csr.ts')).generateCsr,
};

const lazyRenew: LazyCommand = {
  name: 'renew',
  short: 'Renew certificates of this control-plane node',
  load: async () => (await import('./renew.ts')).renewCommand,
};

export const certs = command({
  name: 'certs',
  aliases: ['certificates'],
  short: 'Work with the certificates of the cluster',
  commands: [
    command({
      name: 'certificate-key',
      short: 'Make a key for --certificate-key: 32 random bytes in hexadecimal',
      run: async ({ host, output }) =>
        output.stdout(`${Buffer.from(host.random.bytes(32)).toString('hex')}\n`),
    }),
    lazyCheckExpiration,
    lazyGenerateCsr,
    lazyRenew,
  ],
});
