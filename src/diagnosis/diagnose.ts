import type { Facts } from './facts.ts';
import type { NamedFinding } from './finding.ts';
import { rules } from './rules/index.ts';

/** Everything that the rules find, roots first. Symptoms are left out if a cause is known. */
export function findCauses(facts: Facts): readonly NamedFinding[] {
  const found = rules.map((rule) => ({
    rule,
    findings: rule.find(facts).map((finding) => ({ ...finding, rule: rule.name })),
  }));
  const hasCause = found.some(
    ({ findings, rule: { explainsSymptoms = true, isSymptom = false } }) =>
      findings.length > 0 && !isSymptom && explainsSymptoms,
  );
  return found.filter(({ rule }) => !(rule.isSymptom && hasCause)).flatMap(({ findings }) => findings);
}

/**
 * What a user should read, roots first. For each component only the first rule counts, because the rules that know more
 * come first.
 */
export function diagnose(facts: Facts): readonly NamedFinding[] {
  const found = findCauses(facts);
  return found.filter((_, index) => isFirstRule(found, index));
}

/** As `diagnose`, without findings that cannot be the cause of a failed command. */
export function diagnoseFailure(facts: Facts): readonly NamedFinding[] {
  const others = rules.filter(({ explainsFailure = true }) => !explainsFailure).map(({ name }) => name);
  return diagnose(facts).filter(({ rule }) => !others.includes(rule));
}

/** Whether no earlier finding about the component comes from another rule. */
function isFirstRule(shown: readonly NamedFinding[], index: number): boolean {
  const own = shown[index];
  return shown
    .slice(0, index)
    .every((other) => other.component !== own?.component || other.rule === own.rule);
}
