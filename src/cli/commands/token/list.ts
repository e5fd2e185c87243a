import { listTokens, type StoredToken } from '../../../cluster/list-tokens.ts';
import { tokenCluster, withTokenClient } from '../../../commands/token-cluster.ts';
import { shortHumanDuration } from '../../../lib/go/short-human-duration.ts';
import { command } from '../../command.ts';
import { outputFlags, outputFormat } from '../../output-flags.ts';
import { printResult } from '../../render/structured.ts';
import { formatTable } from '../../render/table.ts';

const header = ['TOKEN', 'TTL', 'EXPIRES', 'USAGES', 'DESCRIPTION', 'EXTRA GROUPS'];

export const list = command({
  name: 'list',
  short: 'List the bootstrap tokens of the cluster',
  flags: outputFlags,
  inherits: ['kubeconfig'],
  run: async (invocation) => {
    const { emit, flags, host, output, signal } = invocation;
    const format = await outputFormat(flags, host);
    const cluster = await tokenCluster(host, flags.given.kubeconfig, emit);
    const { broken, tokens } = await withTokenClient(cluster, { connect: host.kube, signal }, listTokens);
    for (const message of broken) emit({ type: 'warning', code: 'token-secret-invalid', message });
    const text = table(tokens, host.clock.now());
    printResult(output, format, {
      text,
      objects: tokens.map(outputObject),
      failure: 'unable to print tokens',
    });
  },
});

/** Formats the table as upstream does: the header aligns with the first row, and each further row aligns by itself. */
function table(tokens: readonly StoredToken[], now: Date): string {
  return tokens
    .map((token) => row(token, now))
    .map((cells, index) => formatTable(index === 0 ? [header, cells] : [cells]))
    .join('');
}

function row({ description, expires, groups, token, usages }: StoredToken, now: Date): readonly string[] {
  const ttl = expires === undefined ? '<forever>' : shortHumanDuration(Date.parse(expires) - now.getTime());
  return [
    token,
    ttl.padEnd(9),
    // The time has whole seconds, in the zone in which the cluster keeps it.
    expires?.replace(/\.\d+/, '').replace(/[+-]00:00$/, 'Z') ?? '<never>',
    orNone(usages.join(',')).padEnd(22),
    // Control characters would move the cursor.
    orNone(description.replaceAll(/\p{Cc}/gu, ' ')).padEnd(56),
    orNone(groups.join(',')),
  ];
}

function orNone(text: string): string {
  return text === '' ? '<none>' : text;
}

/** Source: apis/output/v1alpha3. */
function outputObject({ description, expires, groups, token, usages }: StoredToken): object {
  return {
    kind: 'BootstrapToken',
    apiVersion: 'output.kubeadm.k8s.io/v1alpha3',
    token,
    ...(description === '' ? {} : { description }),
    ...(expires === undefined ? {} : { expires: `${new Date(expires).toISOString().slice(0, 19)}Z` }),
    ...(usages.length === 0 ? {} : { usages }),
    ...(groups.length === 0 ? {} : { groups }),
  };
}
