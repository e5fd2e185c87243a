import { correctArguments, type Rule, repeatedLine } from '../cause.ts';

const patterns = [
  // pflag
  /\binvalid argument .+ for \\?".*--([\w-]+)\\?" flag: /,
  // Go's flag package: etcd
  /^invalid value .+ for flag -([\w-]+): /,
  // etcd's own checks; the flag is in its words
  /"msg":"failed to verify flags","error":"((?:[^"\\]|\\.)*)"/,
  /\bunrecognized feature gate: ([\w-]+)/,
];

export const invalidFlagValue: Rule = {
  name: 'invalid-flag-value',
  title: 'A component refuses the value of a flag',
  proof: 'It ended twice, and its log names the flag.',
  remedy: "Correct the component's `extraArgs`, or the patch.",
  find: (facts) => {
    const found = repeatedLine(facts, patterns);
    if (found === undefined) return undefined;
    const { component, evidence, match, run } = found;
    const name = (match[1] ?? '').replace(/\\(.)/g, '$1');
    const what = /^[\w-]+$/.test(name) && !match[0].includes('feature gate:') ? `--${name}` : name;
    return {
      code: 'container-failed',
      component,
      exitCode: run.exitCode,
      summary: `${component} refuses the value of a flag (${what}) and ends at once (exit code ${run.exitCode})`,
      evidence,
      advice: correctArguments(component),
    };
  },
};
