import type { Command } from './command.ts';

const long = `kubeadm turns Linux machines into a secure Kubernetes cluster.

Example: a cluster of two machines.

    On the machine that controls the cluster:
        kubeadm init

    On the machine that runs the work:
        kubeadm join <arguments that init printed>

You can repeat the second step on more machines.`;

/** The command `kubeadm`. Its sub-commands are loaded when they run. */
export const root: Command = {
  name: 'kubeadm',
  short: 'kubeadm: bootstrap a secure Kubernetes cluster',
  long,
  helpOnly: true,
  commands: [
    {
      name: 'alpha',
      short: 'Experimental sub-commands',
      helpOnly: true,
      maximumArguments: Number.POSITIVE_INFINITY,
    },
    {
      name: 'certs',
      aliases: ['certificates'],
      short: 'Work with the certificates of the cluster',
      load: async () => (await import('./commands/certs/index.ts')).certs,
    },
    {
      name: 'completion',
      short: 'Print shell completion code (bash, fish or zsh)',
      load: async () => (await import('./commands/completion.ts')).completion,
    },
    {
      name: 'config',
      short: 'Work with configuration files and with the images they name',
      load: async () => (await import('./commands/config/index.ts')).config,
    },
    {
      name: 'doctor',
      short: 'Find out what is wrong with this machine, and how to mend it',
      load: async () => (await import('./commands/doctor.ts')).doctor,
    },
    {
      name: 'init',
      short: 'Set up the Kubernetes control plane on this machine',
      load: async () => (await import('./commands/init.ts')).init,
    },
    {
      name: 'join',
      short: 'Make this machine a node of an existing cluster',
      load: async () => (await import('./commands/join.ts')).join,
    },
    {
      name: 'kubeconfig',
      short: 'Work with kubeconfig files',
      helpOnly: true,
      load: async () => (await import('./commands/kubeconfig.ts')).kubeconfig,
    },
    {
      name: 'reset',
      short: "Undo what 'kubeadm init' or 'kubeadm join' did to this machine",
      load: async () => (await import('./commands/reset.ts')).reset,
    },
    {
      name: 'token',
      short: 'Work with bootstrap tokens',
      load: async () => (await import('./commands/token/index.ts')).token,
    },
    {
      name: 'upgrade',
      short: 'Upgrade a cluster to another version of Kubernetes',
      load: async () => (await import('./commands/upgrade/index.ts')).upgrade,
    },
    {
      name: 'version',
      short: 'Print the version of kubeadm',
      load: async () => (await import('./commands/version.ts')).version,
    },
  ],
};
