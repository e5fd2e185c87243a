import { describe, expect, test } from 'vitest';

import {
  checkImports,
  cyclesIn,
  importsIn,
  siblingFolders,
  testViolation,
  violation,
} from './import-rules.ts';

/** What is wrong with the imports of a file with that text. */
function found(file: string, text: string): readonly (string | undefined)[] {
  return importsIn(file, text).map(violation);
}

describe('an import that is refused', () => {
  test.each([
    ['src/config/a.ts', "import { readFileSync } from 'node:fs';"],
    ['src/config/a.ts', "import * as fs from 'node:fs';"],
    ['src/config/a.ts', "import 'node:fs';"],
    ['src/config/a.ts', "  const fs = await import('node:fs/promises');"],
    ['src/config/a.ts', "const os = () => process.getBuiltinModule('node:os');"],
    ['src/config/a.ts', "export * from 'node:fs';"],
    ['src/config/a.ts', "import { isIP } from 'node:net';"],
    ['src/manifests/a.ts', "import { createHash } from 'node:crypto';"],
    ['src/cli/a.ts', "import { createMachineFiles } from '../host/machine/files.ts';"],
    [
      'src/phases/init/a.ts',
      "const { connectKube } = await import('../../host/machine/network/kube-transport.ts');",
    ],
    ['src/pki/a.ts', "import { createMemoryHost } from '../host/memory/index.ts';"],
    ['src/pki/a.ts', "import { run } from '../cli/main.ts';"],
    ['src/pki/a.ts', "import { initPhases } from '../phases/init/index.ts';"],
    ['src/run-record/a.ts', "import type { InitInput } from '../phases/init/input.ts';"],
    ['src/host/memory/a.ts', "import { initPhases } from '../../phases/init/index.ts';"],
    ['src/images.ts', "import { main } from './cli/main.ts';"],
    ['src/lib/a.ts', "import type { Host } from '../host.ts';"],
    ['src/workflow/a.ts', "import { messageOf } from '../errors.ts';"],
    ['src/pki/a.ts', "import { sleep } from '../../lab/run.ts';"],
    ['src/pki/a.ts', "import { parseGoUrl } from '../index.ts';"],
    ['src/phases/init/certs.ts', "import { kubeconfig } from './kubeconfig.ts';"],
    ['src/pki/a.ts', "import { createToken } from '../commands/create-token.ts';"],
    ['src/phases/a.ts', "import { createToken } from '../commands/create-token.ts';"],
    ['src/commands/a.ts', "import { usage } from '../cli/parse.ts';"],
  ])('the import rules decide for %s: %s', (file, text) => {
    expect(found(file, text)).toEqual([expect.any(String)]);
  });
});

describe('an import that is allowed', () => {
  test.each([
    ['src/host/machine/a.ts', "import { readFileSync } from 'node:fs';"],
    ['src/bin.ts', "import { createMachineHost } from './host/machine/index.ts';"],
    ['src/index.ts', "export { createMachineHost } from './host/machine/index.ts';"],
    ['src/pki/a.ts', "import { createHash } from 'node:crypto';"],
    ['src/lib/a.ts', "import path from 'node:path';"],
    ['src/pki/a.test.ts', "import { readFileSync } from 'node:fs';"],
    ['src/cli/a.test.ts', "import { schema } from '../../tools/docs/json-schema.ts';"],
    ['src/pki/a.test.ts', "import { createMemoryHost } from '../host/memory/index.ts';"],
    ['src/phases/init/a.ts', "import { createDryRun } from '../../host/dry-run/index.ts';"],
    ['src/config/a.ts', "import { parseDocument } from 'yaml';"],
    ['src/commands/a.ts', "import { configSource } from '../phases/config-source.ts';"],
  ])('the import rules decide for %s: %s', (file, text) => {
    expect(found(file, text)).toEqual([undefined]);
  });
});

test('two folders that import each other are a cycle', () => {
  const imports = [
    { file: 'src/host/memory/a.ts', target: 'src/pki/b.ts' },
    { file: 'src/pki/c.ts', target: 'src/host/memory/b.ts' },
    { file: 'src/pki/c.ts', target: 'src/lib/d.ts' },
  ];
  expect(cyclesIn(imports.flatMap(siblingFolders))).toEqual(['src/host -> src/pki -> src/host']);
});

test('a file beside a folder does not make a cycle of folders', () => {
  expect(siblingFolders({ file: 'src/host.ts', target: 'src/host/memory/a.ts' })).toEqual([]);
  expect(siblingFolders({ file: 'src/errors.ts', target: 'src/pki/a.ts' })).toEqual([]);
});

test.each([
  ['test/e2e/a.test.ts', "import { b } from '../e2e-full/b.ts';"],
  ['tools/a.ts', "import { b } from '../test/e2e/b.ts';"],
])('an import from another folder of tests is refused: %s: %s', (file, text) => {
  expect(importsIn(file, text).map(testViolation)).toEqual([expect.any(String)]);
});

test.each([
  ['test/e2e/a.test.ts', "import { b } from '../support/b.ts';"],
  ['test/contract/real/a.test.ts', "import { b } from '../b.ts';"],
  ['tools/a.ts', "import { b } from '../test/support/b.ts';"],
])('an import from test/support or the same folder is allowed: %s: %s', (file, text) => {
  expect(importsIn(file, text).map(testViolation)).toEqual([undefined]);
});

test('the sources keep the rules', () => {
  expect(checkImports()).toEqual([]);
});
