/** Static defaults and validation of UpgradeConfiguration. Source: apis/kubeadm/v1beta4/defaults.go. */
import { defaultImagePullPolicy } from '../defaults.ts';
import type { Finding } from '../findings/finding.ts';
import type { Timeouts } from '../hub.ts';
import type { Decoded } from '../reading/shape.ts';
import { checkAbsolutePath, checkPullPolicy } from '../validation/values.ts';
import { fillTimeouts } from './defaults.ts';
import type { upgradeConfiguration } from './shapes.ts';

export type RawUpgrade = Decoded<typeof upgradeConfiguration>;

/** The UpgradeConfiguration with the defaults of v1beta4. */
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
  imagePullPolicy: defaultImagePullPolicy as string,
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
  return Object.entries({ apply, node }).flatMap(([name, { imagePullPolicy = '', patches }]) => [
    ...(patches === undefined ? [] : checkAbsolutePath(patches.directory ?? '', `${name}.patches.directory`)),
    ...checkPullPolicy(imagePullPolicy, `${name}.imagePullPolicy`),
  ]);
}
