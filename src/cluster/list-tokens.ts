import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { tokenPattern } from '../config/validation/values.ts';
import { parseTime } from '../lib/go/time.ts';
import { at } from '../lib/is-record.ts';
import { tokenSecretName, tokenSecretType } from './tokens.ts';

/** A bootstrap token as the cluster has it. */
export interface StoredToken {
  /** A secret. */
  readonly token: string;
  readonly description: string;
  /** RFC 3339, as it is stored; undefined: never. */
  readonly expires: string | undefined;
  /** Sorted. */
  readonly usages: readonly string[];
  readonly groups: readonly string[];
}

export interface TokenList {
  readonly tokens: readonly StoredToken[];
  /** What is wrong with Secrets of the type that are no tokens; no secret is in it. */
  readonly broken: readonly string[];
}

const usagePrefix = 'usage-bootstrap-';

/** The bootstrap tokens of the cluster, in the API server's order. @throws KubeApiError, NetError */
export async function listTokens(client: KubeClient): Promise<TokenList> {
  const { items: secrets } = await client.list('v1', 'Secret', {
    namespace: 'kube-system',
    fieldSelector: `type=${tokenSecretType}`,
  });
  const read = secrets.map((secret) => ({ name: secret.metadata.name, found: tokenOf(secret) }));
  return {
    tokens: read.flatMap(({ found }) => (typeof found === 'string' ? [] : [found])),
    broken: read.flatMap(({ found, name }) =>
      typeof found === 'string' ? [`Secret kube-system/${name} is left out: ${found}`] : [],
    ),
  };
}

/** What the Secret says, or what is wrong with it. Source: apis/bootstraptoken/v1/utils.go. */
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
    return `its expiration ${JSON.stringify(expires)} is no time`;
  const groups = data('auth-extra-groups');
  return {
    token,
    description: data('description'),
    expires: expires === '' ? undefined : expires,
    usages: Object.keys(at(secret, 'data') ?? {})
      .filter((key) => key.startsWith(usagePrefix) && data(key) === 'true')
      .map((key) => key.slice(usagePrefix.length))
      .sort(),
    // As upstream: a list that begins with a comma counts as none.
    groups: groups === '' || groups.startsWith(',') ? [] : groups.split(','),
  };
}
