import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test } from 'vitest';

import { catalogue, nodePrograms, programsOfSet } from './catalogue.ts';
import { defaultRelease, findRelease, releases } from './releases.ts';

const here = dirname(fileURLToPath(import.meta.url));

describe.each(releases)('catalogue of $version', (release) => {
  const programs = catalogue(release);
  const goMod = (folder: string): string => readFileSync(join(here, folder, 'go.mod'), 'utf8');

  test('every program is in the catalogue once, with all programs of a node', () => {
    expect(new Set(programs.map(({ name }) => name)).size).toBe(programs.length);
    expect(programsOfSet(release, 'node').map(({ name }) => name)).toEqual([...nodePrograms]);
    expect(programsOfSet(release, 'compare').map(({ name }) => name)).toEqual(['kubeadm']);
    expect(programsOfSet(release, 'suite').map(({ name }) => name)).toEqual(['e2e_kubeadm.test']);
    expect(programsOfSet(release, 'all')).toEqual(programs);
  });

  test('the catalogue has the version that its go.mod pins', () => {
    for (const { family } of programs) {
      if (family.module === undefined) continue;
      const pinned = new RegExp(`^\\s${family.module.replaceAll('.', '\\.')} (\\S+)`, 'm').exec(
        goMod(family.folder),
      );
      expect(pinned?.[1], family.folder).toBe(family.version);
    }
  });

  test('go.mod names every program as a tool, so that go mod tidy keeps what it needs', () => {
    for (const program of programs) {
      if (program.kind === 'test' || program.family.module === undefined) continue;
      expect(goMod(program.family.folder).split(/\n\t?(?:tool )?/)).toContain(program.package);
    }
  });

  test('the staging modules are of the same release as kubernetes', () => {
    const replaced = [...goMod(`kubernetes-${release.minor}`).matchAll(/=> k8s\.io\/\S+ (\S+)/g)];
    expect(replaced.length).toBeGreaterThanOrEqual(30);
    const wanted = release.version.replace(/^v1/, 'v0');
    expect(replaced.filter(([, version]) => version !== wanted)).toEqual([]);
  });

  test('every go.mod has the checksums of what it requires', () => {
    for (const folder of new Set(programs.map(({ family }) => family.folder))) {
      const sums = readFileSync(join(here, folder, 'go.sum'), 'utf8');
      const module = programs.find(({ family }) => family.folder === folder)?.family;
      if (module?.module === undefined) continue;
      expect(sums).toContain(`${module.module} ${module.version} h1:`);
    }
  });

  test('Kubernetes programs have their version in the component and in the user agent', () => {
    const kubelet = programs.find(({ name }) => name === 'kubelet');
    expect(kubelet?.variables['k8s.io/component-base/version.gitVersion']).toBe(release.version);
    expect(kubelet?.variables['k8s.io/client-go/pkg/version.gitVersion']).toBe(release.version);
    expect(kubelet?.variables['k8s.io/component-base/version.gitMinor']).toBe(release.minor.split('.')[1]);
  });
});

describe('findRelease', () => {
  test.each(['1.36', 'v1.36', '1.36.2', 'v1.36.2'])('the release %s is found', (wanted) => {
    expect(findRelease(wanted).version).toBe('v1.36.2');
  });

  test('the default release is in the table', () => {
    expect(findRelease(defaultRelease).version).toBe(defaultRelease);
  });

  test.each(['1.3', '1.36.', '1.36.20', '', 'latest'])(
    'the release %j is refused with the known ones',
    (wanted) => {
      expect(() => findRelease(wanted)).toThrow(/not in the table/);
    },
  );
});
