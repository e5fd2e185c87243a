/** The text of an upgrade plan. Source: cmd/upgrade/plan.go, upgradePlanTextPrinter. */
import { parseSemanticVersion } from '../../lib/semantic-version.ts';
import type {
  ComponentConfigVersion,
  ComponentUpgrade,
  PlannedUpgrade,
  UpgradePlan,
} from '../../upgrade/plan.ts';
import { formatTable } from './table.ts';

const separator = `${'_'.repeat(69)}\n\n`;
const columns = ['COMPONENT', 'NODE', 'CURRENT', 'TARGET'];

export function planText({ availableUpgrades, configVersions }: UpgradePlan): string {
  return [...availableUpgrades.map(upgradeText), configVersionsText(configVersions)].join('');
}

function upgradeText({ components, description }: PlannedUpgrade): string {
  const byHand = components.filter(({ name }) => name === 'kubelet');
  const byKubeadm = components.filter(({ name }) => name !== 'kubelet' && name !== 'kubeadm');
  const kubeadm = components.find(({ name }) => name === 'kubeadm');
  const target = components.find(({ name }) => name === 'kube-apiserver')?.newVersion ?? '';
  const isNewKubeadm = kubeadm !== undefined && kubeadm.currentVersion !== kubeadm.newVersion;
  return [
    "Components that must be upgraded manually after you have upgraded the control plane with 'kubeadm upgrade apply':\n",
    table(byHand),
    `\nUpgrade to the latest ${description}:\n\n`,
    table(byKubeadm),
    '\nYou can now apply the upgrade by executing the following command:\n\n',
    `\tkubeadm upgrade apply ${target}${flagFor(target)}\n\n`,
    isNewKubeadm
      ? `Note: Before you can perform this upgrade, you have to update kubeadm to ${kubeadm.newVersion}.\n\n`
      : '',
    separator,
  ].join('');
}

function table(components: readonly ComponentUpgrade[]): string {
  return formatTable([
    columns,
    ...components.map(({ currentVersion, name, newVersion, nodeName = '' }) => [
      name,
      nodeName,
      currentVersion,
      newVersion,
    ]),
  ]);
}

/** The flag without which the version is refused. */
function flagFor(version: string): string {
  const { preRelease = '' } = parseSemanticVersion(version) ?? {};
  if (preRelease === '') return '';
  return preRelease.startsWith('rc')
    ? ' --allow-release-candidate-upgrades'
    : ' --allow-experimental-upgrades';
}

function configVersionsText(versions: readonly ComponentConfigVersion[]): string {
  if (versions.length === 0) return 'No information available on component configs.\n';
  const rows = versions.map(({ currentVersion, group, manualUpgradeRequired, preferredVersion }) => [
    group,
    currentVersion || '-',
    preferredVersion || '-',
    manualUpgradeRequired ? 'yes' : 'no',
  ]);
  return [
    '\nThe configurations of components in the cluster have these API versions. One with "yes" in the last column\n',
    'must be changed by hand to its preferred version, or be reset to the defaults, before an upgrade.\n\n',
    formatTable([['API GROUP', 'CURRENT VERSION', 'PREFERRED VERSION', 'MANUAL UPGRADE REQUIRED'], ...rows]),
    separator,
  ].join('');
}
