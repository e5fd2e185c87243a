/** Rules about the unit of the kubelet, which does not start the program at all. */
import { type Facts, firstSystemdCode, type UnitFacts } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import type { Remedy } from '../remedy.ts';

/** systemd's own exit codes. Source: systemd.exec(5). */
const systemdCodes: Readonly<Record<number, string>> = {
  200: 'CHDIR',
  203: 'EXEC',
  206: 'FDS',
  208: 'LIMITS',
  209: 'OOM_ADJUST',
  214: 'SETSCHEDULER',
  216: 'GROUP',
  217: 'USER',
  219: 'CGROUP',
  226: 'NAMESPACE',
  233: 'RUNTIME_DIRECTORY',
  238: 'STATE_DIRECTORY',
  240: 'LOGS_DIRECTORY',
};

/** How long the kubelet may be stopped during a wait, because kubeadm itself restarts it. */
const stoppedMs = 4_000;

function unitOf({ kubelet }: Facts): UnitFacts | undefined {
  return kubelet?.unit;
}

interface Parts {
  readonly summary: string;
  readonly remedy: Remedy;
  readonly evidence?: readonly string[];
  readonly certainty?: Finding['certainty'];
  readonly exitCode?: number;
}

function finding({ since }: UnitFacts, { certainty = 'certain', evidence = [], ...parts }: Parts): Finding {
  return {
    code: 'kubelet-failed',
    component: 'kubelet',
    certainty,
    evidence,
    ...parts,
    ...(since === undefined ? {} : { since }),
  };
}

export const kubeletMasked: Rule = {
  name: 'kubelet-masked',
  title: 'The unit of the kubelet is masked',
  proof: 'systemd reports that it is masked.',
  cure: 'Unmask and enable the unit.',
  find: (facts) => {
    const unit = unitOf(facts);
    if (unit?.load !== 'masked') return [];
    return [
      finding(unit, {
        summary: 'the kubelet cannot start, because its unit kubelet.service is masked',
        remedy: {
          kind: 'steps',
          text: 'Unmask the unit with `systemctl unmask kubelet` and enable it with `systemctl enable kubelet`',
          commands: ['systemctl unmask kubelet', 'systemctl enable --now kubelet'],
        },
      }),
    ];
  },
};

export const kubeletMissing: Rule = {
  name: 'kubelet-unit-missing',
  title: 'There is no usable unit for the kubelet',
  proof: 'systemd does not find the unit, or cannot read it.',
  cure: 'Install the kubelet package, or the unit of the release.',
  find: (facts) => {
    const unit = unitOf(facts);
    if (unit === undefined || !['not-found', 'bad-setting', 'error'].includes(unit.load)) return [];
    const isMissing = unit.load === 'not-found';
    return [
      finding(unit, {
        summary: isMissing
          ? 'the kubelet cannot start, because systemd has no unit kubelet.service'
          : `the kubelet cannot start, because systemd cannot read its unit kubelet.service (${unit.load})`,
        remedy: {
          kind: 'steps',
          text: isMissing
            ? "Install the kubelet with its unit kubelet.service and kubeadm's drop-in 10-kubeadm.conf"
            : 'Correct the unit (`systemctl cat kubelet` shows it, `systemctl status kubelet` names the problem), then run `systemctl daemon-reload`',
          commands: isMissing
            ? ['systemctl cat kubelet']
            : ['systemctl status kubelet', 'systemctl daemon-reload'],
        },
      }),
    ];
  },
};

export const kubeletNotExecutable: Rule = {
  name: 'kubelet-not-executable',
  title: 'systemd cannot execute the program of the kubelet',
  proof: 'The exit code of the unit is one of those that systemd itself uses, such as 203/EXEC.',
  cure: 'Install the kubelet for this architecture, make it executable, or correct the unit.',
  find: (facts) => {
    const unit = unitOf(facts);
    if (unit === undefined || unit.exitCode < firstSystemdCode || unit.exitCode >= 245) return [];
    if (facts.kubelet?.state === 'active') return [];
    const log = facts.kubelet?.runs.at(-1)?.log ?? [];
    const why = log.at(-1)?.replace(/^kubelet\.service: /, '');
    const name = systemdCodes[unit.exitCode];
    return [
      finding(unit, {
        exitCode: unit.exitCode,
        summary: `the kubelet cannot start: systemd could not execute its program (exit code ${unit.exitCode}${name === undefined ? '' : `/${name}`})${why === undefined ? '' : `: ${why}`}`,
        evidence: log.slice(-3),
        remedy: {
          kind: 'steps',
          text: 'Make sure that the program in ExecStart of kubelet.service exists, is executable, is made for this architecture, and lies on a file system that is not mounted with noexec',
          commands: ['systemctl cat kubelet', 'kubelet --version'],
        },
      }),
    ];
  },
};

export const kubeletHindered: Rule = {
  name: 'kubelet-not-started',
  title: 'systemd does not start the kubelet',
  proof:
    'Its unit is not active, and systemd names the reason: a unit that it requires, a condition, or a command before it. It failed twice, or is inactive for 4 s of a wait.',
  cure: 'Correct the unit or its drop-ins.',
  find: (facts) => {
    const unit = unitOf(facts);
    const { exitsEver = 0, hindrance } = facts.kubelet ?? {};
    if (unit === undefined || hindrance === undefined || unit.load !== 'loaded') return [];
    // A program that ended by itself has a rule of its own.
    if (unit.state === 'active' || unit.exitCode !== 0) return [];
    const isLasting = unit.state === 'inactive' ? isStopped(unit, facts) : exitsEver >= 2;
    if (!isLasting && unit.state !== 'failed') return [];
    return [
      finding(unit, {
        summary: `the kubelet cannot start: ${hindrance}`,
        remedy: {
          kind: 'steps',
          text: 'Correct the unit or its drop-ins (`systemctl cat kubelet` shows them), and run `systemctl daemon-reload`',
          commands: ['systemctl cat kubelet', 'systemctl daemon-reload', 'systemctl restart kubelet'],
        },
      }),
    ];
  },
};

function isStopped(unit: UnitFacts, { elapsedMs, machine }: Facts): boolean {
  if (machine === undefined || elapsedMs < stoppedMs || unit.isQueued === true) return false;
  return unit.since === undefined || machine.now - unit.since >= stoppedMs;
}

export const kubeletStopped: Rule = {
  name: 'kubelet-stopped',
  title: 'The kubelet does not run',
  proof: 'systemd reports that the unit is inactive, and no request to start it is left, for 4 s of a wait.',
  cure: 'Start the kubelet.',
  find: (facts) => {
    const unit = unitOf(facts);
    if (unit === undefined || unit.load !== 'loaded' || unit.state !== 'inactive') return [];
    if (!isStopped(unit, facts)) return [];
    const isDisabled = unit.fileState === 'disabled';
    const start = `systemctl ${isDisabled ? 'enable --now' : 'start'} kubelet`;
    return [
      finding(unit, {
        summary: `the kubelet does not run: its unit is inactive${isDisabled ? ' and disabled' : ''} (result ${unit.result === '' ? 'unknown' : unit.result})`,
        remedy: {
          kind: 'steps',
          text: `Start the kubelet with \`${start}\` (\`journalctl -xeu kubelet\` shows why it ended)`,
          commands: [start, 'journalctl -xeu kubelet'],
        },
      }),
    ];
  },
};

export const kubeletWithoutConfig: Rule = {
  name: 'kubelet-without-config',
  title: 'The kubelet does not read what kubeadm wrote',
  proof: 'Its systemd unit starts it without the flag `--config`, and reads no file that could add the flag.',
  cure: "Install kubeadm's drop-in for `kubelet.service`.",
  find: (facts) => {
    if (facts.kubelet?.withoutConfig !== true) return [];
    const summary =
      'the unit of the kubelet starts it without the flag --config, so it reads neither the configuration that ' +
      'kubeadm wrote nor the manifests';
    return [
      {
        code: 'kubelet-failed',
        component: 'kubelet',
        certainty: 'certain',
        summary,
        evidence: [],
        remedy: {
          kind: 'steps',
          text:
            "Install kubeadm's drop-in, which the kubeadm package has as kubelet.service.d/10-kubeadm.conf " +
            '(`systemctl cat kubelet` shows the unit and its drop-ins), and run `systemctl daemon-reload`',
          commands: ['systemctl cat kubelet', 'systemctl daemon-reload', 'systemctl restart kubelet'],
        },
      },
    ];
  },
};
