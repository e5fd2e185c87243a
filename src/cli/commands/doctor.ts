import { type Examination, examine, type Problem } from '../../doctor/examine.ts';
import type { Role } from '../../doctor/membership.ts';
import { KubeadmError, usageError } from '../../errors.ts';
import { defined } from '../../lib/defined.ts';
import { humanDuration } from '../../lib/go/human-duration.ts';
import { command } from '../command.ts';
import { flag } from '../flags.ts';
import { printResult } from '../render/structured.ts';

const formats = ['text', 'json', 'yaml'] as const;

export const doctor = command({
  name: 'doctor',
  short: 'Find out what is wrong with this machine, and how to mend it',
  long: `Find out what is wrong with this machine, and how to mend it.

The command works on control planes, on workers, and on machines that are not part of a cluster. It
looks once at the machine, the kubelet, the container runtime, the containers of the control plane,
the certificates and the Node. It lists each problem that it finds, with the time when it began and
the commands that mend it. Problems that cause others come first. It changes nothing and pulls no
image. The exit code is 0 if it finds no problem, and 1 otherwise.`,
  example: `# Examine this machine.
kubeadm doctor

# Print the problems for a program.
kubeadm doctor -o json`,
  flags: ['cri-socket', flag('output', { usage: 'Output format. One of: text|json|yaml.', values: formats })],
  run: async ({ emit, flags, host, output, signal }) => {
    const asked = flags.value('output').toLowerCase();
    const format = formats.find((one) => one === asked);
    if (format === undefined) {
      throw usageError(`invalid output format: ${asked}`, "available are 'text', 'json' and 'yaml'");
    }
    const found = await examine(host, {
      ...defined({ criSocket: flags.given['cri-socket'] }),
      emit,
      signal,
    });
    const now = host.clock.now().getTime();
    printResult(output, format, { text: textOf(found, now), objects: [objectOf(found)] });
    const count = found.problems.length;
    if (count > 0) {
      throw new KubeadmError(
        'unhealthy',
        count === 1 ? 'one problem was found' : `${count} problems were found`,
      );
    }
  },
});

const roles: Readonly<Record<Role, string>> = {
  'control-plane': 'a control plane',
  worker: 'a worker',
  none: 'not part of a cluster',
};

function textOf({ problems, role, unknown, warnings }: Examination, now: number): string {
  const machine = `This machine is ${roles[role]}.`;
  const result = problems.length === 0 ? ' No problem was found.' : '';
  const blocks = [
    `${machine}${result}`,
    ...problems.map((problem, index) => problemText(problem, index + 1, now)),
    ...(warnings.length === 0 ? [] : [warnings.map((text) => `warning: ${text}`).join('\n')]),
    ...(unknown.length === 0 ? [] : [unknown.map((text) => `not known: ${text}`).join('\n')]),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function problemText(
  { certainty, evidence, name, remedy, since, summary }: Problem,
  number: number,
  now: number,
): string {
  const kind = certainty === 'certain' ? '' : ', likely';
  const lines = [
    ...(since === undefined
      ? []
      : [`since ${timeOf(since)} (${humanDuration(Math.trunc((now - since) / 1000))})`]),
    ...evidence.map((line) => `    ${line}`),
    ...(remedy === undefined ? [] : [remedy.text, ...remedy.commands.map((line) => `    # ${line}`)]),
  ];
  return [`${number}. ${summary} [${name}${kind}]`, ...lines.map((line) => `   ${line}`)].join('\n');
}

function objectOf({ criSocket, problems, role, unknown, warnings }: Examination): object {
  return {
    healthy: problems.length === 0,
    role,
    criSocket,
    problems: problems.map(({ certainty, component, evidence, name, remedy, since, summary }) => ({
      name,
      component,
      summary,
      certainty,
      ...(since === undefined ? {} : { since: timeOf(since) }),
      evidence,
      ...(remedy === undefined ? {} : { remedy: remedy.text, commands: remedy.commands }),
    })),
    warnings,
    unknown,
  };
}

/** A time such as `2026-01-02T03:04:05Z`. */
function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
