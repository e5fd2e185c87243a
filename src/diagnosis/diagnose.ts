import type { Facts } from './facts.ts';
import type { NamedFinding } from './finding.ts';
import { rules } from './rules/index.ts';

/**
 * Findings of these rules do not explain symptoms. The control plane runs without a Pod network, and with clocks that differ
 * until a certificate is not valid. Disk pressure does not end critical Pods, older certificates are in use until they expire,
 * a proxy can be that of one program only, and the kubelet can ignore the second of two manifests.
 */
const explainsLittle: readonly string[] = [
  'pod-network-missing',
  'clock-differs',
  'disk-pressure',
  'old-certificate-in-use',
  'proxy-between',
  'manifest-duplicate',
  'pod-sandbox-failed',
];

/** Whether a failure of kubeadm has another cause: the control plane is there before the Pod network is. */
export function isNoCause({ rule }: NamedFinding): boolean {
  return rule === 'pod-network-missing' || rule === 'pod-sandbox-failed';
}

/** Everything that the rules find, roots first. Symptoms are left out if a cause is known. */
export function findCauses(facts: Facts): readonly NamedFinding[] {
  const found = rules.flatMap(({ find, isSymptom = false, name }) =>
    find(facts).map((finding) => ({ finding: { ...finding, rule: name }, isSymptom })),
  );
  const hasCause = found.some(
    ({ finding, isSymptom }) => !isSymptom && !explainsLittle.includes(finding.rule),
  );
  return found.filter(({ isSymptom }) => !(isSymptom && hasCause)).map(({ finding }) => finding);
}

/**
 * What a user should read, roots first. For each component only the first rule counts, because the rules that know more
 * come first.
 */
export function diagnose(facts: Facts): readonly NamedFinding[] {
  const found = findCauses(facts);
  return found.filter((_, index) => isFirstRule(found, index));
}

/** Whether no earlier finding about the component comes from another rule. */
function isFirstRule(shown: readonly NamedFinding[], index: number): boolean {
  const own = shown[index];
  return shown
    .slice(0, index)
    .every((other) => other.component !== own?.component || other.rule === own.rule);
}
