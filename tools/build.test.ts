import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { libraryManifest } from './build.ts';

const manifest: Record<string, unknown> = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
);

test('whoever installs the library gets its dependencies, and none of the tools', () => {
  const packed = libraryManifest(manifest);
  expect(packed).toMatchObject({
    name: 'kubeadm',
    version: manifest.version,
    exports: manifest.exports,
    files: manifest.files,
    dependencies: manifest.dependencies,
  });
  expect(packed).not.toHaveProperty('devDependencies');
  expect(packed).not.toHaveProperty('optionalDependencies');
});
