import type { NodeConfiguration } from '../../cluster/node-configuration.ts';
import { clusterConfigurationYaml } from '../../config/write.ts';
import type { Emit } from '../../events.ts';

/** Reports the ClusterConfiguration, for --print-config. */
export function printConfiguration({ cluster }: Pick<NodeConfiguration, 'cluster'>, emit: Emit): void {
  const lines = clusterConfigurationYaml(cluster).trimEnd().split('\n');
  const message = ['Configuration used:', ...lines.map((line) => `\t${line}`)].join('\n');
  emit({ type: 'progress', topic: 'upgrade/config', message });
}
