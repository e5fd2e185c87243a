/** Rules for components that end at once and name the argument that they refuse. */
import type { Finding, Rule } from '../finding.ts';
import { upTo } from '../logs/last-words.ts';
import { endings } from './ended-component.ts';

interface ArgumentRule extends Omit<Rule, 'find'> {
  /** Patterns of lines in which a component refuses an argument. */
  readonly patterns: readonly RegExp[];
  /** The problem, to be put after the component's name: `does not know the flag --x`. */
  readonly what: (match: RegExpExecArray) => string;
}

function argumentRule({ patterns, what, ...rule }: ArgumentRule): Rule {
  return {
    ...rule,
    find: (facts) =>
      endings(facts).flatMap(({ component: { name }, isRepeated, run, words }): readonly Finding[] => {
        if (!isRepeated && words?.refusesInput !== true) return [];
        for (const [index, line] of run.log.entries()) {
          const match = patterns.map((pattern) => pattern.exec(line)).find((found) => found !== null);
          if (match === undefined) continue;
          return [
            {
              code: 'container-failed',
              component: name,
              certainty: 'certain',
              exitCode: run.exitCode,
              summary: `${name} ${what(match)} and ends at once (exit code ${run.exitCode})`,
              evidence: upTo(run.log, index),
              remedy: { kind: 'arguments', component: name },
              ...(run.endedAt === undefined ? {} : { since: run.endedAt }),
            },
          ];
        }
        return [];
      }),
  };
}

const cure = "Correct the component's `extraArgs`, or the patch.";

export const unknownFlag = argumentRule({
  name: 'unknown-flag',
  title: 'A component does not know a flag',
  proof: 'It ended with an error, and its last message names the flag.',
  cure,
  patterns: [
    // pflag: kube-apiserver, kube-controller-manager, kube-scheduler
    /\bunknown (?:shorthand )?flag: (.+)$/,
    // Go's flag package: etcd
    /^flag provided but not defined: (.+)$/,
  ],
  what: (match) => `does not know the flag ${match[1]}`,
});

export const invalidFlagValue = argumentRule({
  name: 'invalid-flag-value',
  title: 'A component refuses the value of a flag',
  proof: 'It ended with an error, and its last message names the flag.',
  cure,
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
    if (match[0].includes('feature gate:')) return `does not know the feature gate ${name}`;
    return `refuses the value of a flag (${/^[\w-]+$/.test(name) ? `--${name}` : name})`;
  },
});

export const unknownAdmissionPlugin = argumentRule({
  name: 'unknown-admission-plugin',
  title: 'The API server does not know an admission plug-in',
  proof: 'It ended with an error, and its last message names the plug-in.',
  cure: 'Correct `apiServer.extraArgs`, or the patch.',
  // apiserver/pkg/server/options/admission.go; quotes may be escaped by klog
  patterns: [/\b(enable|disable)-admission-plugins plugin \\?"([^"\\]+)\\?" is unknown/],
  what: (match) => `does not know the admission plug-in ${match[2]} of --${match[1]}-admission-plugins`,
});
