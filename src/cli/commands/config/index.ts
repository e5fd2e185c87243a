import { migrateConfig, validateConfig } from '../../../commands/check-config.ts';
import {
  printInitDefaults,
  printJoinDefaults,
  printResetDefaults,
  printUpgradeDefaults,
} from '../../../config/print.ts';
import { usageError } from '../../../errors.ts';
import { command, type LazyCommand } from '../../command.ts';

const print = command({
  name: 'print',
  short: 'Print default configurations',
  commands: [
    command({
      name: 'init-defaults',
      short: "Print the defaults of 'kubeadm init'",
      flags: ['component-configs'],
      run: async ({ flags, output }) => output.stdout(printInitDefaults(flags.value('component-configs'))),
    }),
    command({
      name: 'join-defaults',
      short: "Print the defaults of 'kubeadm join'",
      run: async ({ host, output }) => output.stdout(printJoinDefaults(await host.net.hostname())),
    }),
    command({
      name: 'reset-defaults',
      short: "Print the defaults of 'kubeadm reset'",
      run: async ({ output }) => output.stdout(printResetDefaults()),
    }),
    command({
      name: 'upgrade-defaults',
      short: "Print the defaults of 'kubeadm upgrade'",
      run: async ({ output }) => output.stdout(printUpgradeDefaults()),
    }),
  ],
});

const validate = command({
  name: 'validate',
  short: 'Check a configuration file, and report the problems in it',
  long: `Check a configuration file, and report the problems in it.

Some problems hide others. Correct them and check again, until the command prints 'ok'.`,
  flags: ['allow-deprecated-api', 'allow-experimental-api', 'config'],
  run: async (invocation) => {
    const { flags, host, output } = invocation;
    const configPath = flags.value('config');
    if (configPath === '') throw usageError('the --config flag is mandatory');
    const allowDeprecated = flags.value('allow-deprecated-api');
    await validateConfig(host, { configPath, allowDeprecated }, invocation);
    output.stdout('ok\n');
  },
});

const migrate = command({
  name: 'migrate',
  short: 'Write the documents of a configuration file in the current version of the API',
  long: `Write the documents of a configuration file in the current version of the API.

KubeletConfiguration and KubeProxyConfiguration are not written, and a warning says so. Copy them to the new file.`,
  flags: ['allow-experimental-api', 'new-config', 'old-config'],
  run: async (invocation) => {
    const { flags, host, output } = invocation;
    const configPath = flags.value('old-config');
    if (configPath === '') throw usageError('the --old-config flag is mandatory');
    const text = (await migrateConfig(host, { configPath }, invocation)).text.reveal();
    const target = flags.value('new-config');
    if (target === '') output.stdout(text);
    // Only the owner may read the file, because it has a bootstrap token even if the old file has none.
    else await host.files.write(target, text, { mode: 0o600 });
  },
});

const lazyImages: LazyCommand = {
  name: 'images',
  short: 'The container images that kubeadm uses',
  load: async () => (await import('./images.ts')).images,
};

const lazySchema: LazyCommand = {
  name: 'schema',
  short: 'Print the JSON schema of configuration files, for editors',
  load: async () => (await import('./schema.ts')).schema,
};

export const config = command({
  name: 'config',
  short: 'Work with configuration files and with the images they name',
  persistentFlags: ['kubeconfig'],
  commands: [lazyImages, migrate, print, lazySchema, validate],
});
