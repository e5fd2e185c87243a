import { correctArguments, type Rule, repeatedLine } from '../cause.ts';

// apiserver/pkg/server/options/admission.go; quotes may be escaped by klog
const patterns = [/\b(enable|disable)-admission-plugins plugin \\?"([^"\\]+)\\?" is unknown/];

export const unknownAdmissionPlugin: Rule = {
  name: 'unknown-admission-plugin',
  title: 'The API server does not know an admission plug-in',
  proof: 'It ended twice, and its log names the plug-in.',
  remedy: 'Correct `apiServer.extraArgs`, or the patch.',
  find: (facts) => {
    const found = repeatedLine(facts, patterns);
    if (found === undefined) return undefined;
    const { component, evidence, match, run } = found;
    return {
      code: 'container-failed',
      component,
      exitCode: run.exitCode,
      summary:
        `${component} does not know the admission plug-in ${match[2]} of --${match[1]}-admission-plugins ` +
        `and ends at once (exit code ${run.exitCode})`,
      evidence,
      advice: correctArguments(component),
    };
  },
};
