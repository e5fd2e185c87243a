/** Headers that identify the client. Source: client-go transport/round_trippers.go. */
import type { KubeconfigUser } from '../../../kubeconfig/kubeconfig.ts';
import type { ServerAddress } from '../../../kubeconfig/server-address.ts';

/**
 * A token takes precedence over user name and password. Those of the kubeconfig take precedence over those of the
 * server's URL. Over plain HTTP only those of the URL are sent, as in client-go.
 */
export function authentication(
  server: ServerAddress,
  user: KubeconfigUser,
  readToken: () => string | undefined,
): { readonly Authorization?: string } {
  const token = server.scheme === 'https' ? readToken() : undefined;
  if (token !== undefined && token !== '') return { Authorization: `Bearer ${token}` };
  const { username = '', password = '' } = server.scheme === 'https' ? user : {};
  const credentials = username === '' && password === '' ? server.credentials : { username, password };
  if (credentials === undefined) return {};
  const text = `${credentials.username}:${credentials.password}`;
  return { Authorization: `Basic ${Buffer.from(text).toString('base64')}` };
}

export function impersonation(user: KubeconfigUser): Readonly<Record<string, string | string[]>> {
  if (user.as === undefined || user.as === '') return {};
  const extra = Object.entries(user.asUserExtra ?? {}).map(
    ([key, values]) => [`Impersonate-Extra-${escapeKey(key)}`, [...values]] as const,
  );
  return {
    'Impersonate-User': user.as,
    ...(user.asUid === undefined ? {} : { 'Impersonate-Uid': user.asUid }),
    ...(user.asGroups === undefined ? {} : { 'Impersonate-Group': [...user.asGroups] }),
    ...Object.fromEntries(extra),
  };
}

/** Writes the percent sign and the bytes that are not allowed in a header name as %XX. */
function escapeKey(key: string): string {
  return [...Buffer.from(key)]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[!#$&'*+.^_`|~0-9A-Za-z-]/.test(character)
        ? character
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
