/** The differences of random cases that this kubeadm has on purpose. */
import type { Case, Recorded } from '../record.ts';
import { isHelp } from './differences.ts';

export interface Trial {
  readonly one: Case;
  readonly upstream: Recorded;
  readonly ours: Recorded;
}

export interface Accepted {
  readonly name: string;
  /** The reason, with the place that describes the difference to users if there is one. */
  readonly reason: string;
  /** Whether this line about the case reports the difference. */
  readonly explains: (line: string, trial: Trial) => boolean;
}

const healthCheck = /controlPlaneComponentHealthCheck: \S+/g;

/** The command of a case that has only one. */
function commandOf({ one }: Trial): string {
  return one.commands.length === 1 ? (one.commands[0] ?? []).join(' ') : '';
}

interface Refusal extends Omit<Accepted, 'explains'> {
  readonly command: RegExp;
  /** A part of the error of this kubeadm. */
  readonly message: RegExp;
  /** Whether the refused patch must be of a component that the command does not make. */
  readonly isOther?: boolean;
}

/** A case whose first command only upstream accepts. */
function refusal({ command, isOther = false, message, ...described }: Refusal): Accepted {
  const explains = (line: string, { ours, upstream }: Trial): boolean => {
    const [theirs, mine] = [upstream.runs[0], ours.runs[0]];
    if (theirs?.code !== 0 || mine?.code !== 1 || !command.test(mine.args.join(' '))) return false;
    const makesEtcd = mine.args.includes('etcd');
    const patchesEtcd = mine.stderr.includes('/patches/etcd');
    const patchesKubelet = mine.stderr.includes('/patches/kubelet');
    if (isOther && makesEtcd === patchesEtcd && !patchesKubelet) return false;
    return message.test(mine.stderr) && /exit 0, ours 1|: only upstream$/.test(line);
  };
  return { ...described, explains };
}

export const accepted: readonly Accepted[] = [
  {
    name: 'the mode of a migrated file',
    reason: 'It holds a bootstrap token (docs/differences.md, Configuration files).',
    explains: (line, trial) =>
      commandOf(trial).includes('config migrate') && /^\/etc\/\S+: mode 644, ours 600$/.test(line),
  },
  {
    name: 'timeouts.controlPlaneComponentHealthCheck after config migrate',
    reason: 'With 0s, init fails at once (docs/differences.md, Configuration files).',
    explains: (line, { ours, upstream }) => {
      if (!line.includes('controlPlaneComponentHealthCheck: 0s')) return false;
      const [theirs = '', mine = ''] = [upstream, ours].map(({ files, runs }) =>
        JSON.stringify([runs[0]?.stdout, files['/etc/kubeadm/new.yaml']?.content]).replace(healthCheck, ''),
      );
      return withoutTokens(theirs) === withoutTokens(mine);
    },
  },
  {
    name: 'config migrate of UpgradeConfiguration',
    reason: 'The file is valid (docs/differences.md, Configuration files).',
    explains: (line, { upstream }) =>
      /^config migrate .*exit 1, ours 0|new\.yaml: only ours$/.test(line) &&
      /could not find a mutator for input: \[\]interface \{\}\{\(\*kubeadm\.UpgradeConfiguration\)/.test(
        upstream.runs[0]?.stderr ?? '',
      ),
  },
  {
    name: 'authorities in the directory of a dry run',
    reason:
      'A phase of a dry run copies the authorities that it reads, so that later phases find them there.',
    explains: (line) =>
      /^\/etc\/kubernetes\/tmp\/kubeadm-init-dryrun\/(?:etcd\/|front-proxy-)?ca\.crt: only ours$/.test(line),
  },
  refusal({
    name: 'a patch of another component that is not a patch',
    reason: 'All patches are checked before the first write (docs/differences.md, Runs as a whole).',
    command: /^init phase (?:etcd|control-plane) /,
    message: /^error: \/etc\/kubeadm\/patches\/(?:kube|etcd)/,
    isOther: true,
  }),
  {
    name: 'a tab in a line without other text',
    reason: 'It means nothing there (docs/differences.md, Configuration files).',
    explains: (line, { upstream }) =>
      /exit 1, ours 0/.test(line) &&
      upstream.runs.some(({ stderr }) => stderr.includes('found a tab character that violates indentation')),
  },
  refusal({
    name: 'text after the end of a document',
    reason: "Upstream's parser ignores it. Nobody should lose settings unseen (docs/differences.md).",
    command: /^(?:init phase|config) /,
    message: /document \d+, line \d+(?:, column \d+)?: Unexpected scalar at node end/,
  }),
  refusal({
    name: 'sa.key of another type than RSA and ECDSA',
    reason: 'The API server does not start with it (docs/differences.md, certs).',
    command: /^init phase certs (?:sa|all) /,
    message: /sa\.key: its key is of type \w+; RSA and ECDSA are allowed/,
  }),
  refusal({
    name: 'ignorePreflightErrors with all beside other checks',
    reason: 'Users learn it before they run the command (docs/differences.md, Configuration files).',
    command: /^config validate /,
    message: /ignorePreflightErrors.*: don't specify individual checks if 'all' is used/,
  }),
  {
    name: 'files that a command leaves when it fails',
    reason: 'Nothing is half written (docs/differences.md, Runs as a whole and certs).',
    explains: (line, { ours, upstream }) =>
      [upstream, ours].every(({ runs }) => runs.some(({ code }) => code !== 0)) &&
      /^\/etc\/(?:kubernetes|kubeadm)\/\S*: only upstream$/.test(line),
  },
  {
    name: 'words that are not commands beside help',
    reason: 'A script should notice a typing error (docs/differences.md, Runs as a whole).',
    explains: (line, { ours, upstream }) =>
      /exit 0, ours 1: error: (?:Unknown help topic|unknown command|"[^"]*" behind "--")/.test(line) &&
      isHelp(upstream.runs[0]?.stdout ?? '') &&
      ours.runs.length === 1,
  },
];

function withoutTokens(text: string): string {
  return text.replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, 'TOKEN');
}
