import { isRecord } from '../../lib/is-record.ts';
import type { CallOptions, KubeClient } from './kube-client.ts';

/** A user as the API server knows it (authentication.k8s.io/v1 UserInfo). */
export interface UserInfo {
  readonly username: string;
  readonly groups: readonly string[];
}

/** Asks the API server which user this client is. @throws KubeApiError, NetError */
export async function reviewSelf(client: KubeClient, options: CallOptions = {}): Promise<UserInfo> {
  const review = await client.create(
    { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview', metadata: { name: '' } },
    options,
  );
  const { userInfo } = isRecord(review.status) ? review.status : {};
  const { username, groups } = isRecord(userInfo) ? userInfo : {};
  return {
    username: typeof username === 'string' ? username : '',
    groups: Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [],
  };
}
