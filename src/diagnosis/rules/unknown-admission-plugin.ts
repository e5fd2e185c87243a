import { argumentRule } from '../cause.ts';

export const unknownAdmissionPlugin = argumentRule({
  name: 'unknown-admission-plugin',
  title: 'The API server does not know an admission plug-in',
  proof: 'It ended twice, and its log names the plug-in.',
  remedy: 'Correct `apiServer.extraArgs`, or the patch.',
  // apiserver/pkg/server/options/admission.go; quotes may be escaped by klog
  patterns: [/\b(enable|disable)-admission-plugins plugin \\?"([^"\\]+)\\?" is unknown/],
  what: (match) => `does not know the admission plug-in ${match[2]} of --${match[1]}-admission-plugins`,
});
