import { correctArguments, type Rule, repeatedLine } from '../cause.ts';

const patterns = [
  // pflag: kube-apiserver, kube-controller-manager, kube-scheduler
  /\bunknown (?:shorthand )?flag: (.+)$/,
  // Go's flag package: etcd
  /^flag provided but not defined: (.+)$/,
];

export const unknownFlag: Rule = {
  name: 'unknown-flag',
  title: 'A component does not know a flag',
  proof: 'It ended twice, and its log names the flag.',
  remedy: "Correct the component's `extraArgs`, or the patch.",
  find: (facts) => {
    const found = repeatedLine(facts, patterns);
    if (found === undefined) return undefined;
    const { component, evidence, match, run } = found;
    return {
      code: 'container-failed',
      component,
      exitCode: run.exitCode,
      summary: `${component} does not know the flag ${match[1]} and ends at once (exit code ${run.exitCode})`,
      evidence,
      advice: correctArguments(component),
    };
  },
};
