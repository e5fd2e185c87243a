import { checkConfigFile } from '../../../config/check-file.ts';
import { warnTo } from '../../../config/findings/warnings.ts';
import {
  joinDocuments,
  printInitDefaults,
  printJoinDefaults,
  printResetDefaults,
  printUpgradeDefaults,
} from '../../../config/print.ts';
import type { Command, LazyCommand } from '../../command.ts';
import { flag } from '../../flags.ts';
import { usage } from '../../parse.ts';

const print: Command = {
  name: 'print',
  short: 'Print default configurations',
  commands: [
    {
      name: 'init-defaults',
      short: "Print the defaults of 'kubeadm init'",
      flags: [flag('component-configs')],
      run: async ({ flags, output }) => output.stdout(printInitDefaults(flags.strings('component-configs'))),
    },
    {
      name: 'join-defaults',
      short: "Print the defaults of 'kubeadm join'",
      run: async ({ host, output }) => output.stdout(printJoinDefaults(await host.net.hostname())),
    },
    {
      name: 'reset-defaults',
      short: "Print the defaults of 'kubeadm reset'",
      run: async ({ output }) => output.stdout(printResetDefaults()),
    },
    {
      name: 'upgrade-defaults',
      short: "Print the defaults of 'kubeadm upgrade'",
      run: async ({ output }) => output.stdout(printUpgradeDefaults()),
    },
  ],
};

const validate: Command = {
  name: 'validate',
  short: 'Check a configuration file, and report the problems in it',
  long: `Check a configuration file, and report the problems in it.

Some hide others: mend them and check again, until it prints 'ok'.`,
  flags: [flag('allow-deprecated-api'), flag('allow-experimental-api'), flag('config')],
  run: async ({ flags, host, emit, output }) => {
    const path = flags.string('config');
    if (path === '') throw usage('the --config flag is mandatory');
    const allowDeprecated = flags.bool('allow-deprecated-api');
    await checkConfigFile(host, path, { criDetection: false, allowDeprecated, onWarning: warnTo(emit) });
    output.stdout('ok\n');
  },
};

const migrate: Command = {
  name: 'migrate',
  short: 'Write the documents of a configuration file in the current version of the API',
  long: `Write the documents of a configuration file in the current version of the API.

KubeletConfiguration and KubeProxyConfiguration are left out, with a warning: copy them to the new file.`,
  flags: [flag('allow-experimental-api'), flag('new-config'), flag('old-config')],
  run: async ({ flags, host, emit, output }) => {
    const path = flags.string('old-config');
    if (path === '') throw usage('the --old-config flag is mandatory');
    const onWarning = warnTo(emit);
    const options = { criDetection: true, allowDeprecated: true, onWarning };
    const { documents, leftOut } = await checkConfigFile(host, path, options);
    leftOut.forEach(onWarning);
    const text = joinDocuments(documents);
    const target = flags.string('new-config');
    if (target === '') output.stdout(text);
    // It holds a bootstrap token, a new one where the old file had none.
    else await host.files.write(target, text, { mode: 0o600 });
  },
};

const lazyImages: LazyCommand = {
  name: 'images',
  short: 'The container images that kubeadm uses',
  load: async () => (await import('./images.ts')).images,
};

/** `kubeadm config`. */
export const config: Command = {
  name: 'config',
  short: 'Work with configuration files and with the images they name',
  persistentFlags: [flag('kubeconfig')],
  commands: [lazyImages, migrate, print, validate],
};
