import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { tokenPattern } from '../config/validation/values.ts';
import { parseTime } from '../lib/go/time.ts';
import { at } from '../lib/is-record.ts';
import { tokenSecretName, tokenSecretType } from './tokens.ts';

/** A bootstrap token of the cluster. */
export interface StoredToken {
  /** A secret. */
  readonly token: string;
  readonly description: string;
  /** The stored time, in RFC 3339. It is undefined if the token never expires. */
  readonly expires: string | undefined;
  /** Sorted. */
  readonly usages: readonly string[];
  readonly groups: readonly string[];
}

export interface TokenList {
  readonly tokens: readonly StoredToken[];
  /** A text for each malformed Secret of the bootstrap token type. It contains no secret. */
  readonly broken: readonly string[];
}

const usagePrefix = 'usage-bootstrap-';

/** Returns the bootstrap tokens of the cluster, in the API server's order. @throws KubeApiError, NetError */
export async function listTokens(client: KubeClient): Promise<TokenList> {
  const { items: secrets } = await client.list('v1', 'Secret', {
    namespace: 'kube-system',
    fieldSelector: `type=${tokenSecretType}`,
  });
  const read = secrets.map((secret) => ({ name: secret.metadata.name, result: tokenOf(secret) }));
  return {
    tokens: read.flatMap(({ result }) => (typeof result === 'string' ? [] : [result])),
    broken: read.flatMap(({ result, name }) =>
      typeof result === 'string' ? [`Secret kube-system/${name} is left out: ${result}`] : [],
    ),
  };
}

/** Returns the token of the Secret, or the problem of the Secret. Source: apis/bootstraptoken/v1/utils.go. */
function tokenOf(secret: KubeObject): StoredToken | string {
  const { name } = secret.metadata;
  const data = (key: string): string => {
    const value = at(secret, 'data', key);
    return typeof value === 'string' ? Buffer.from(value, 'base64').toString('utf8') : '';
  };
  const id = data('token-id');
  if (id === '') return 'it has no token-id';
  if (name !== tokenSecretName(id)) return 'its name is not bootstrap-token-<id> with the id in its token-id';
  if (data('token-secret') === '') return 'it has no token-secret';
  const token = `${id}.${data('token-secret')}`;
  if (!tokenPattern.test(token)) return 'its id and secret are not of the form [a-z0-9]{6}.[a-z0-9]{16}';
  const expires = data('expiration');
  if (expires !== '' && parseTime(expires) === undefined)
    return `its expiration ${JSON.stringify(expires)} is not a time`;
  const groups = data('auth-extra-groups');
  return {
    token,
    description: data('description'),
    expires: expires === '' ? undefined : expires,
    usages: Object.keys(at(secret, 'data') ?? {})
      .filter((key) => key.startsWith(usagePrefix) && data(key) === 'true')
      .map((key) => key.slice(usagePrefix.length))
      .sort(),
    // A list that begins with a comma counts as empty, as upstream.
    groups: groups === '' || groups.startsWith(',') ? [] : groups.split(','),
  };
}
