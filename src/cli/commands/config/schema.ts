import { configSchema, type SchemaKind, schemaKinds } from '../../../config/schema.ts';
import { usageError } from '../../../errors.ts';
import { ownRelease } from '../../../releases/index.ts';
import { command } from '../../command.ts';

/** Prints the schema that editors complete and check configuration files with. Upstream has no such command. */
export const schema = command({
  name: 'schema',
  short: 'Print the JSON schema of configuration files, for editors',
  long: `Print the JSON schema (draft 2020-12) of configuration files, for editors.

An editor with the schema completes the names of fields, and marks unknown fields and wrong types while
you write. It has all kinds of v1beta4, KubeletConfiguration and KubeProxyConfiguration.
'kubeadm config validate' also finds the mistakes that need more than one field.`,
  example: `# Keep the schema beside a configuration file.
kubeadm config schema > kubeadm.schema.json

# The first line of the configuration file, for editors with the YAML language server:
# yaml-language-server: $schema=./kubeadm.schema.json`,
  flags: ['kind'],
  run: async ({ flags, output }) => {
    const asked = flags.value('kind');
    const kinds = asked === '' ? schemaKinds : [kindOf(asked)];
    output.stdout(`${JSON.stringify(configSchema(kinds, ownRelease.componentTypes), null, 2)}\n`);
  },
});

function kindOf(name: string): SchemaKind {
  const found = schemaKinds.find((kind) => kind === name);
  if (found === undefined)
    throw usageError(`unknown kind ${JSON.stringify(name)}`, `The kinds are ${schemaKinds.join(', ')}.`);
  return found;
}
