import { describe, expect, test } from 'vitest';

import { createMemoryHost } from '../host/memory/index.ts';
import { run } from './command.fixture.ts';

const files = {
  '/images.jsonpath': '{range .images[*]}{@}{"\\n"}{end}',
  '/images.template': '{{range .images}}{{.}}{{"\\n"}}{{end}}',
};

async function list(format: string, ...more: readonly string[]) {
  const line = ['config', 'images', 'list', '--kubernetes-version', 'v1.36.2', '-o', format];
  return await run(createMemoryHost({ files }), [...line, ...more]);
}

const first = 'registry.k8s.io/kube-apiserver:v1.36.2';

describe('-o prints an object', () => {
  test.each([
    ['jsonpath={.kind} has {.images[0]}', `Images has ${first}`],
    ['jsonpath-as-json={.kind}', '[\n    "Images"\n]\n'],
    ['go-template={{.kind}} has {{index .images 0}}', `Images has ${first}`],
    ['template={{len .images}}={{1}}', '7=1'],
    ['go-template={{.missing}}', '<no value>'],
    ['jsonpath={.missing}', ''],
  ])('with %s', async (format, text) => {
    expect(await list(format)).toEqual({ code: 0, stdout: text, stderr: '' });
  });

  test.each([
    'jsonpath-file=/images.jsonpath',
    'go-template-file=/images.template',
    'templatefile=/images.template',
  ])('with the file of %s', async (format) => {
    expect((await list(format)).stdout).toBe((await list('text')).stdout);
  });

  test.each(['kyaml', 'KYAML'])('with %s', async (format) => {
    const { stdout } = await list(format);
    expect(stdout).toMatch(
      /^---\n\{\n {2}kind: "Images",\n {2}apiVersion: "output\.kubeadm\.k8s\.io\/v1alpha3",\n/,
    );
  });
});

describe('-o refuses', () => {
  test.each([
    [
      'jsonpath',
      'could not construct output printer: template format specified but no template given\nhint: Write the template behind an equals sign: -o jsonpath=…',
    ],
    [
      'go-template-file=',
      'could not construct output printer: template format specified but no template given\nhint: Write the path of the template',
    ],
    [
      'jsonpath={.kind',
      'could not construct output printer: error parsing jsonpath {.kind, unclosed action\nhint: The mistake is at character 7 of the template.',
    ],
    [
      'go-template={{.kind',
      'could not construct output printer: error parsing template {{.kind, template: output:1: unclosed action',
    ],
    ['jsonpath-file=/nothing', 'could not construct output printer: error reading --template /nothing, '],
    [
      'JSONPATH={.kind}',
      'could not construct output printer: unable to match a printer suitable for the output format "JSONPATH={.kind}"',
    ],
    [
      'TEXT',
      'could not construct output printer: unable to match a printer suitable for the output format "TEXT"',
    ],
    [
      'jsonpath={.kind[0]}',
      'unable to print images: error executing jsonpath "{.kind[0]}": Error executing template: string is not array or slice\nhint: The object has the fields kind, apiVersion, images.',
    ],
    [
      'go-template={{.kind.x}}',
      'unable to print images: error executing template "{{.kind.x}}": template: output:1:7: executing "output" at <.kind.x>',
    ],
  ])('%s', async (format, message) => {
    const { code, stderr, stdout } = await list(format);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(`error: ${message}`);
  });

  test.each(['go-template={{.missing}}', 'jsonpath={.missing}'])(
    'a field of %s that does not exist, with --allow-missing-template-keys=false',
    async (format) => {
      const { code, stderr } = await list(format, '--allow-missing-template-keys=false');
      expect(code).toBe(1);
      expect(stderr).toMatch(/map has no entry for key "missing"|missing is not found/);
    },
  );

  test('kyaml if KUBECTL_KYAML switches it off', async () => {
    const host = createMemoryHost({ environment: { KUBECTL_KYAML: 'false' } });
    const { code, stderr } = await run(host, ['config', 'images', 'list', '-o', 'kyaml']);
    expect(code).toBe(1);
    expect(stderr).toContain('"kyaml", allowed formats are: go-template,');
  });
});
