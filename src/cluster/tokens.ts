import type { KubeClient, KubeObject, ObjectRef } from '../clients/kube/kube-client.ts';
import type { BootstrapToken } from '../config/hub.ts';
import { createOrUpdate, type RetryPolicy } from './apply.ts';

export function tokenId(token: string): string {
  return token.slice(0, token.indexOf('.'));
}

export const tokenSecretType = 'bootstrap.kubernetes.io/token';

export function tokenSecretName(id: string): string {
  return `bootstrap-token-${id}`;
}

export function tokenSecretRef(id: string): ObjectRef {
  return { apiVersion: 'v1', kind: 'Secret', name: tokenSecretName(id), namespace: 'kube-system' };
}

/**
 * Returns the Secret kube-system/bootstrap-token-<id>. Source: cluster-bootstrap/token/api and
 * apis/bootstraptoken/v1/utils.go.
 *
 * @param now the time from which `ttl` counts
 */
export function tokenSecret(token: BootstrapToken, now: Date): KubeObject {
  const id = tokenId(token.token);
  const expiration = expirationOf(token, now);
  const data: Record<string, string> = { 'token-id': id, 'token-secret': token.token.slice(id.length + 1) };
  if (token.description) data.description = token.description;
  if (expiration !== undefined) data.expiration = rfc3339(expiration);
  for (const usage of token.usages) data[`usage-bootstrap-${usage}`] = 'true';
  if (token.groups.length > 0) data['auth-extra-groups'] = token.groups.join(',');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: tokenSecretName(id), namespace: 'kube-system' },
    type: tokenSecretType,
    data: Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  };
}

export async function applyTokens(
  client: KubeClient,
  tokens: readonly BootstrapToken[],
  now: Date,
  policy: RetryPolicy,
): Promise<void> {
  for (const token of tokens) await createOrUpdate(client, tokenSecret(token, now), policy);
}

function expirationOf(token: BootstrapToken, now: Date): Date | undefined {
  if (token.expires !== undefined && token.expires !== '') return new Date(token.expires);
  return token.ttl !== undefined && token.ttl > 0 ? new Date(now.getTime() + token.ttl) : undefined;
}

/** Returns the time in UTC with whole seconds. */
function rfc3339(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
