import { argumentRule } from '../cause.ts';

export const invalidFlagValue = argumentRule({
  name: 'invalid-flag-value',
  title: 'A component refuses the value of a flag',
  proof: 'It ended twice, and its log names the flag.',
  remedy: "Correct the component's `extraArgs`, or the patch.",
  patterns: [
    // pflag
    /\binvalid argument .+ for \\?".*--([\w-]+)\\?" flag: /,
    // Go's flag package: etcd
    /^invalid value .+ for flag -([\w-]+): /,
    // etcd's own checks; the flag is in its words
    /"msg":"failed to verify flags","error":"((?:[^"\\]|\\.)*)"/,
    /\bunrecognized feature gate: ([\w-]+)/,
  ],
  what: (match) => {
    const name = (match[1] ?? '').replace(/\\(.)/g, '$1');
    const isFlag = /^[\w-]+$/.test(name) && !match[0].includes('feature gate:');
    return `refuses the value of a flag (${isFlag ? `--${name}` : name})`;
  },
});
