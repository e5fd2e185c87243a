/** Error texts of etcd and their meaning. Source: go.etcd.io/etcd/api/v3 v3rpc/rpctypes/error.go. */
import { EtcdError } from '../../errors.ts';

/** The first two have the code `failed_precondition`, as many other answers do, so only the text tells them apart. */
export const answers = {
  alreadyVoting: 'etcdserver: can only promote a learner member',
  notInSync: 'etcdserver: can only promote a learner member which is in sync with leader',
  peerURLExists: 'etcdserver: Peer URLs already exists',
  notForLearners: 'etcdserver: rpc not supported for learner',
  tooManyLearners: 'etcdserver: too many learner members in cluster',
  memberNotFound: 'etcdserver: member not found',
} as const;

/** Whether a learner could not be promoted because it has not caught up with the leader yet. */
export function isNotInSync(error: unknown): boolean {
  return error instanceof EtcdError && error.answer === answers.notInSync;
}

/** Whether a member was not added because another learner has to become a voting member first. */
export function isTooManyLearners(error: unknown): boolean {
  return error instanceof EtcdError && error.answer === answers.tooManyLearners;
}

/** Whether the same call may succeed on another member. */
export function isForAnotherMember(error: EtcdError): boolean {
  if (error.answer === undefined || error.answer === answers.notForLearners) return true;
  return error.grpcCode === 'unavailable' || error.grpcCode === 'deadline_exceeded';
}
