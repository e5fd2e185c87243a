import { expect, test } from 'vitest';

import { control } from './debian.ts';
import { libraryLock, libraryManifest } from './npm-package.ts';
import { parseEpoch, readJson } from './source.ts';

const manifest = {
  name: 'kubeadm',
  version: '1.2.3',
  files: ['dist/lib'],
  dependencies: { yaml: '2.0.0' },
  devDependencies: { vitest: '1.0.0' },
  optionalDependencies: { runtime: '1.0.0' },
};

test('whoever installs the library gets its dependencies, and none of the tools', () => {
  const project = readJson('package.json');
  const packed = libraryManifest(project);
  expect(packed).toMatchObject({
    name: 'kubeadm',
    version: project.version,
    exports: project.exports,
    files: project.files,
    dependencies: project.dependencies,
  });
  expect(packed).not.toHaveProperty('devDependencies');
  expect(packed).not.toHaveProperty('optionalDependencies');
});

test('the lock beside it keeps what these dependencies need', () => {
  const lock = {
    lockfileVersion: 3,
    packages: {
      '': manifest,
      'node_modules/yaml': { version: '2.0.0' },
      'node_modules/vitest': { version: '1.0.0', dev: true },
      'node_modules/runtime': { version: '1.0.0', optional: true },
      'node_modules/both': { version: '1.0.0', devOptional: true },
    },
  };
  expect(libraryLock(lock, libraryManifest(manifest))).toEqual({
    lockfileVersion: 3,
    packages: {
      '': { name: 'kubeadm', version: '1.2.3', dependencies: { yaml: '2.0.0' } },
      'node_modules/yaml': { version: '2.0.0' },
    },
  });
});

test('SOURCE_DATE_EPOCH is a number of seconds', () => {
  expect(parseEpoch('1795549501')).toBe(1795549501);
  for (const wrong of ['', '-1', '1.5', 'now', '123456789012'])
    expect(() => parseEpoch(wrong)).toThrow(wrong);
});

test('a control file ends with a newline and has no empty line, which would end the stanza', () => {
  const text = control('1.2.3', 'arm64', 42);
  expect(text).toMatch(/^Package: kubeadm-ts\nVersion: 1\.2\.3\nArchitecture: arm64\n/);
  expect(text).toContain('\nInstalled-Size: 42\n');
  expect(text).toMatch(/[^\n]\n$/);
  expect(text).not.toContain('\n\n');
});
