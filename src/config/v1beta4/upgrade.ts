/** UpgradeConfiguration: static defaults and validation (apis/kubeadm/v1beta4/defaults.go). */
import type { Finding } from '../finding.ts';
import type { Timeouts } from '../hub.ts';
import type { Decoded } from '../shape.ts';
import { fillTimeouts } from './defaults.ts';
import type { upgradeConfiguration } from './shapes.ts';

export type RawUpgrade = Decoded<typeof upgradeConfiguration>;

/** As written down, with the defaults that v1beta4 fills in. */
export interface UpgradeConfiguration {
  readonly apply: NonNullable<RawUpgrade['apply']>;
  readonly diff: NonNullable<RawUpgrade['diff']>;
  readonly node: NonNullable<RawUpgrade['node']>;
  readonly plan: NonNullable<RawUpgrade['plan']>;
  readonly timeouts: Timeouts;
}

const nodeDefaults = {
  certificateRenewal: true,
  etcdUpgrade: true,
  imagePullPolicy: 'IfNotPresent',
  imagePullSerial: true,
};

export function defaultUpgrade(raw: RawUpgrade): UpgradeConfiguration {
  return {
    apply: { ...nodeDefaults, ...raw.apply },
    diff: raw.diff ?? {},
    node: { ...nodeDefaults, ...raw.node },
    plan: { etcdUpgrade: true, ...raw.plan },
    timeouts: fillTimeouts(raw.timeouts),
  };
}

export function validateUpgrade({ apply, node }: UpgradeConfiguration): readonly Finding[] {
  return [['apply', apply] as const, ['node', node] as const].flatMap(([name, part]): readonly Finding[] => {
    const policy = part.imagePullPolicy ?? '';
    const directory = part.patches?.directory ?? '';
    return [
      ...(part.patches !== undefined && !directory.startsWith('/')
        ? [invalid(`${name}.patches.directory`, directory, 'path is not absolute')]
        : []),
      ...(['', 'Always', 'IfNotPresent', 'Never'].includes(policy)
        ? []
        : [invalid(`${name}.imagePullPolicy`, policy, 'must be one of Always, IfNotPresent, Never')]),
    ];
  });
}

function invalid(path: string, value: string, message: string): Finding {
  return {
    severity: 'error',
    message: `Invalid value: ${JSON.stringify(value)}: ${message}`,
    place: { path },
  };
}
