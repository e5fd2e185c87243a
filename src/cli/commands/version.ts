import { usageError } from '../../errors.ts';
import { toYaml } from '../../lib/yaml/write.ts';
import { kubeadmVersion } from '../../versions.ts';
import { buildInfo } from '../build-info.ts';
import { command } from '../command.ts';
import { flag } from '../flags.ts';

/** Prints the Kubernetes release that this kubeadm corresponds to. Other tools read it for their skew rules. */
export const version = command({
  name: 'version',
  short: 'Print the version of kubeadm',
  flags: [
    flag('output', {
      default: '',
      values: ['json', 'short', 'yaml'],
      usage: "Output format; available options are 'yaml', 'json' and 'short'",
    }),
  ],
  run: async ({ flags, output }) => output.stdout(versionText(flags.value('output'))),
});

function versionText(format: string): string {
  const [major = '', minor = ''] = kubeadmVersion.slice(1).split('.');
  const client = {
    major,
    minor,
    gitVersion: kubeadmVersion,
    gitCommit: buildInfo.commit,
    gitTreeState: buildInfo.treeState,
    buildDate: buildInfo.date,
    goVersion: '',
    compiler: buildInfo.runtime,
    platform: buildInfo.platform,
    kubeadmTypeScript: buildInfo.version,
  };
  switch (format) {
    case 'short':
      return `${kubeadmVersion}\n`;
    case 'json':
      return `${JSON.stringify({ clientVersion: client }, null, 2)}\n`;
    case 'yaml':
      return `${toYaml({ clientVersion: client })}\n`;
    case '':
      return `kubeadm version: ${goSyntax(client)}\n`;
    default:
      throw usageError(`invalid output format: ${format}`, "available are 'yaml', 'json' and 'short'");
  }
}

/** Returns the Go struct of upstream's output, which scripts parse. */
function goSyntax(client: Readonly<Record<string, string>>): string {
  const fields: readonly (readonly [string, string])[] = [
    ['Major', 'major'],
    ['Minor', 'minor'],
    ['EmulationMajor', ''],
    ['EmulationMinor', ''],
    ['MinCompatibilityMajor', ''],
    ['MinCompatibilityMinor', ''],
    ['GitVersion', 'gitVersion'],
    ['GitCommit', 'gitCommit'],
    ['GitTreeState', 'gitTreeState'],
    ['BuildDate', 'buildDate'],
    ['GoVersion', 'goVersion'],
    ['Compiler', 'compiler'],
    ['Platform', 'platform'],
    ['KubeadmTypeScript', 'kubeadmTypeScript'],
  ];
  return `&version.Info{${fields.map(([name, key]) => `${name}:${JSON.stringify(client[key] ?? '')}`).join(', ')}}`;
}
