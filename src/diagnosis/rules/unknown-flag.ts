import { argumentRule } from '../cause.ts';

export const unknownFlag = argumentRule({
  name: 'unknown-flag',
  title: 'A component does not know a flag',
  proof: 'It ended twice, and its log names the flag.',
  remedy: "Correct the component's `extraArgs`, or the patch.",
  patterns: [
    // pflag: kube-apiserver, kube-controller-manager, kube-scheduler
    /\bunknown (?:shorthand )?flag: (.+)$/,
    // Go's flag package: etcd
    /^flag provided but not defined: (.+)$/,
  ],
  what: (match) => `does not know the flag ${match[1]}`,
});
