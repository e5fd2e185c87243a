/** The control plane cannot start if the runtime makes no sandbox. */
import type { Facts, SandboxFailure } from '../facts.ts';
import type { Finding, Rule } from '../finding.ts';
import { innermost } from '../logs/innermost.ts';
import { signature } from '../logs/klog.ts';
import { pullReason } from '../logs/pull-reason.ts';
import { shortened } from '../logs/shortened.ts';

const imageWaitMs = 5_000;
/** The time without a sandbox that proves a failure. The kubelet tries a Pod again after 10 to 15 s. */
const patienceMs = 5_000;
const manyPods = 3;
const longest = 300;

const imagePattern = /failed to get sandbox image "([^"]+)"/;
/** The runtime was slow, so that a name stays reserved for a while, or it did not run. It recovers from both. */
const transient =
  /deadline exceeded|connection refused|(?<!temporarily )unavailable|timed? ?out|transport|EOF|is reserved for/i;

export const sandboxImageMissing: Rule = {
  name: 'sandbox-image-missing',
  title: 'The sandbox image (pause) is not available',
  proof:
    'The runtime could not get the image, and no sandbox was made within 5 s. A pull by kubeadm was refused or found no registry.',
  cure: "Put the image on the node, or name another one in the runtime's configuration.",
  find: (facts) => {
    const failure = facts.sandboxes.find(({ message }) => imagePattern.test(message));
    const image = imagePattern.exec(failure?.message ?? '')?.[1];
    if (failure === undefined || image === undefined) return [];
    if (!nothingStarted(facts) || facts.elapsedMs - failure.at < imageWaitMs) return [];
    return [
      {
        code: 'image-missing',
        component: 'static Pods',
        certainty: 'certain',
        summary: `no Pod can start: the container runtime cannot get its sandbox image ${image}${pullReason(failure.message)}`,
        evidence: [failure.message],
        remedy: { kind: 'sandbox-image', image },
        unlessPulled: image,
      },
    ];
  },
};

export const sandboxFailed: Rule = {
  name: 'sandbox-failed',
  title: 'The container runtime cannot make a sandbox',
  proof:
    'The runtime failed twice for one Pod, or in the same way for three Pods, and 5 s passed, or the program that makes containers fails when it is asked for its version. These Pods got no sandbox since, and the control plane has none at all. If others have one, the failures must last for 5 s.',
  cure: 'Repair the container runtime.',
  find: (facts) => {
    const own = facts.sandboxes.filter(
      ({ message }) => !imagePattern.test(message) && !transient.test(message),
    );
    if (!nothingStarted(facts)) return ofSingle(facts, own);
    const last = own.at(-1);
    if (last === undefined) return [];
    const broken = facts.lowLevelRuntime !== undefined;
    if (!broken && !isRepeated(own) && !isCommon(own, facts.elapsedMs)) return [];
    return [finding(last, facts)];
  },
};

/** Failures of some components, while others have a sandbox. */
function ofSingle(facts: Facts, failures: readonly SandboxFailure[]): readonly Finding[] {
  const waiting = (facts.components ?? []).filter(({ state }) => state === 'no-sandbox');
  return waiting.flatMap(({ name }) => {
    const own = failures.filter(({ pod }) => pod.startsWith(`kube-system/${name}-`));
    const [first] = own;
    const last = own.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < patienceMs) return [];
    const summary = `${name} is not started, because the container runtime at ${facts.criSocket} cannot make its sandbox: ${reasonOf(last.message)}`;
    return [{ ...finding(last, facts), component: name, summary }];
  });
}

/** Whether the same Pod failed at two different times. */
export function isRepeated(failures: readonly SandboxFailure[]): boolean {
  return failures.some((one) => failures.some((two) => one.pod === two.pod && two.at - one.at >= 2_000));
}

export function isCommon(failures: readonly SandboxFailure[], elapsedMs: number): boolean {
  const same = failures.filter(({ message }) => signature(message) === signature(failures[0]?.message ?? ''));
  const first = same[0]?.at ?? elapsedMs;
  return new Set(same.map(({ pod }) => pod)).size >= manyPods && elapsedMs - first >= patienceMs;
}

function finding(failure: SandboxFailure, { criSocket, lowLevelRuntime }: Facts): Finding {
  const own = lowLevelRuntime === undefined ? '' : ` (${lowLevelRuntime.program}: ${lowLevelRuntime.error})`;
  return {
    code: 'sandbox-failed',
    component: 'static Pods',
    certainty: 'certain',
    summary: `no Pod can start: the container runtime at ${criSocket} cannot make a sandbox: ${reasonOf(failure.message)}${own}`,
    evidence: [failure.message],
    remedy: {
      kind: 'steps',
      text: 'Repair the container runtime (check `runc --version` and `journalctl -u containerd`)',
      commands: ['runc --version', 'journalctl -u containerd'],
    },
  };
}

/** containerd puts the words of runc at the end, after what it could not read itself. */
function reasonOf(message: string): string {
  const inner = innermost(message);
  return shortened(/\b(runc did not terminate successfully: .*)$/.exec(inner)?.[1] ?? inner, longest);
}

export function nothingStarted({ components }: Facts): boolean {
  return components?.every(({ state }) => state === 'no-sandbox') ?? false;
}
