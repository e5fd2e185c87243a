import type { KubeClient, KubeObject } from '../clients/kube/kube-client.ts';
import { refOf } from '../clients/kube/resources.ts';
import type { BootstrapToken } from '../config/hub.ts';
import { KubeApiError, KubeadmError, messageOf, NetError } from '../errors.ts';
import { at } from '../lib/is-record.ts';
import { hasReason, type RetryPolicy, retryApiCall } from './apply.ts';
import { tokenId, tokenSecret, tokenSecretName } from './tokens.ts';

/**
 * Creates the tokens. It first checks that no token exists, and then creates all of them. It retries only if the server
 * does not answer or is temporarily not available.
 *
 * @param now the time from which a token's `ttl` counts
 * @throws KubeadmError `refused` for a token that exists, `timeout`; KubeApiError, NetError
 */
export async function createTokens(
  client: KubeClient,
  tokens: readonly BootstrapToken[],
  { now, policy }: { readonly now: Date; readonly policy: RetryPolicy },
): Promise<void> {
  const ids = tokens.map(({ token }) => tokenId(token));
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new KubeadmError('refused', `two of the tokens to create have the id "${twice}"`, {
      hint: 'Give each token its own id.',
    });
  }
  const secrets = tokens.map((token) => tokenSecret(token, now));
  for (const secret of secrets) await refuseExisting(client, secret, policy);
  for (const [index, secret] of secrets.entries()) {
    try {
      await create(client, secret, policy);
    } catch (error) {
      throw index === 0 || !(error instanceof KubeadmError) ? error : withCreated(error, ids.slice(0, index));
    }
  }
}

async function refuseExisting(client: KubeClient, secret: KubeObject, policy: RetryPolicy): Promise<void> {
  const what = `the API server at ${client.server} to say whether ${name(secret)} exists`;
  try {
    await retryApiCall(what, policy, () => client.get(refOf(secret), { signal: policy.signal }), isFinal);
  } catch (error) {
    // A user who may create tokens may still have no right to read them.
    if (hasReason(error, 'NotFound') || hasReason(error, 'Forbidden')) return;
    throw error;
  }
  throw exists(secret);
}

async function create(client: KubeClient, secret: KubeObject, policy: RetryPolicy): Promise<void> {
  const what = `the API server at ${client.server} to create ${name(secret)}`;
  let tried = false;
  const attempt = async (): Promise<void> => {
    try {
      await client.create(secret, { signal: policy.signal });
    } catch (error) {
      if (!hasReason(error, 'AlreadyExists')) {
        tried = true;
        throw error;
      }
      // An earlier try may have created the token, and its answer was lost.
      if (!tried || !(await isThere(client, secret, policy))) throw exists(secret);
    }
  };
  await retryApiCall(what, policy, attempt, isFinal);
}

async function isThere(client: KubeClient, secret: KubeObject, policy: RetryPolicy): Promise<boolean> {
  const key = ['data', 'token-secret'];
  return at(await client.get(refOf(secret), { signal: policy.signal }), ...key) === at(secret, ...key);
}

/** Whether a retry cannot help: for a bad certificate, a host name that does not exist, and most refusals. */
function isFinal(error: unknown): boolean {
  if (error instanceof KubeApiError) return error.status < 500 && error.status !== 429;
  return !(error instanceof NetError) || /CERT|TLS|VERIFY|ENOTFOUND/.test(error.reason);
}

function exists(secret: KubeObject): KubeadmError {
  const id = secret.metadata.name.slice(tokenSecretName('').length);
  return new KubeadmError('refused', `a token with id "${id}" already exists`, {
    hint: `Use another id, or remove that token with "kubeadm token delete ${id}".`,
  });
}

function withCreated(error: KubeadmError, ids: readonly string[]): KubeadmError {
  return new KubeadmError(error.code, `${messageOf(error)}; created before that: ${ids.join(', ')}`, {
    cause: error,
    hint: `Delete ${ids.length === 1 ? 'it' : 'them'} with "kubeadm token delete ${ids.join(' ')}" and try again.`,
    details: { ...error.details, created: ids },
  });
}

function name(secret: KubeObject): string {
  return `Secret kube-system/${secret.metadata.name}`;
}
