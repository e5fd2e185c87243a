import { describe, expect, test } from 'vitest';

import { schemaKinds } from '../config/schema.ts';
import { createMemoryHost } from '../host/memory/index.ts';
import { run } from './command.fixture.ts';
import { complete } from './complete.ts';
import { flag } from './flags.ts';
import { root } from './root.ts';

async function words(...typed: readonly string[]): Promise<readonly string[]> {
  return (await complete(root, typed)).map(([word]) => word);
}

describe('completion offers', () => {
  test.each([
    ['commands', ['in'], ['init']],
    ['sub-commands', ['init', 'phase', 'up'], ['upload-certs', 'upload-config']],
    ['a command behind a flag', ['certs', '--cert-dir', '/x', 'check'], ['check-expiration']],
    ['flags', ['config', 'images', 'list', '--kube'], ['--kubeconfig', '--kubernetes-version']],
    [
      'values of a flag',
      ['token', 'list', '--output', 'j'],
      ['json', 'jsonpath-as-json=', 'jsonpath-file=', 'jsonpath='],
    ],
    ['values of a short flag', ['version', '-o', ''], ['json', 'short', 'yaml']],
    ['values behind an equals sign', ['doctor', '--output=j'], ['--output=json']],
    ['values of a flag that is true or false', ['init', '--dry-run='], ['--dry-run=false', '--dry-run=true']],
    ['kinds', ['config', 'schema', '--kind', 'Kube'], ['KubeProxyConfiguration', 'KubeletConfiguration']],
    ['shells', ['completion', ''], ['bash', 'fish', 'zsh']],
    ['nothing for other values, so that the shell offers files', ['init', '--config', ''], []],
  ])('%s', async (_name, typed, offered) => {
    expect(await words(...typed)).toEqual(offered);
  });

  test('exactly the formats that -o accepts', async () => {
    const { stderr } = await run(createMemoryHost(), ['config', 'images', 'list', '-o', 'xml']);
    const allowed = /allowed formats are: (.*)/.exec(stderr)?.[1]?.split(',');
    expect(
      flag('output')
        .values?.map((value) => value.replace('=', ''))
        .sort(),
    ).toEqual(allowed);
  });

  test('exactly the kinds of the schema', () => {
    expect(flag('kind').values).toEqual(schemaKinds);
  });
});
