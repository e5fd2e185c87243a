import { toYaml } from '../lib/yaml/write.ts';
import { clusterFields, contextFields, type Field, userFields } from './fields.ts';
import type { ExtraFields, Kubeconfig } from './kubeconfig.ts';

/** Returns the same text as client-go: keys and named entries are sorted, and empty fields are omitted. */
export function formatKubeconfig(config: Kubeconfig): string {
  return toYaml({
    ...config.extra,
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': config.currentContext,
    clusters: formatEntries(config.clusters, 'cluster', clusterFields),
    contexts: formatEntries(config.contexts, 'context', contextFields),
    users: formatEntries(config.users, 'user', userFields),
  });
}

type Named = { readonly name: string; readonly extra?: ExtraFields };

function formatEntries<F extends Field<string>, E extends Named & { readonly [K in F['key']]?: unknown }>(
  entries: readonly E[],
  inner: string,
  fields: readonly F[],
): readonly unknown[] | null {
  if (entries.length === 0) return null;
  const sorted = entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return sorted.map((entry) => {
    const values: Record<string, unknown> = { ...entry.extra };
    for (const field of fields) {
      const value: unknown = entry[field.key as F['key']];
      if (!isEmpty(value))
        values[field.name] =
          field.type === 'data' ? Buffer.from(String(value), 'latin1').toString('base64') : value;
      else if (field.always === true) values[field.name] = '';
    }
    return { name: entry.name, [inner]: values };
  });
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null ? Object.keys(value).length === 0 : !value;
}
