import { describe, expect, test } from 'vitest';

import { kubeconfigs } from '../kubeconfig/table.ts';
import { certificates } from '../pki/certificates.ts';
import { type BakedInto, bakedIn, whatHolds } from './baked-in.ts';
import { componentApis } from './component/index.ts';
import type { Shape } from './reading/shape.ts';
import { kinds } from './v1beta4/shapes.ts';

/** Paths of the fields that hold a value: a list, a map or a scalar. */
function fieldsOf(shape: Shape, path: string): readonly string[] {
  if (shape.kind !== 'object') return [path];
  return Object.entries(shape.fields).flatMap(([name, field]) => fieldsOf(field, `${path}.${name}`));
}

const fields = [
  ...Object.entries(kinds).flatMap(([kind, shape]) => fieldsOf(shape, kind)),
  ...Object.keys(componentApis),
];

describe('the table of what a configuration field is baked into', () => {
  test('has every field of every kind', () => {
    expect(fields.length).toBeGreaterThan(80);
    expect(fields.filter((field) => whatHolds(field) === undefined)).toEqual([]);
  });

  test('has no row for a field that does not exist', () => {
    const maps = ['ClusterConfiguration.featureGates'];
    const exists = (row: string): boolean =>
      fields.some((field) => field === row || field.startsWith(`${row}.`)) ||
      maps.some((map) => row.startsWith(`${map}.`));
    expect(Object.keys(bakedIn).filter((row) => !exists(row))).toEqual([]);
  });

  test('names certificates and kubeconfigs that kubeadm makes', () => {
    const all: readonly BakedInto[] = Object.values(bakedIn).flat();
    const certificateNames = certificates.map(({ name }) => name);
    const files = [...kubeconfigs.map(({ file }) => file), 'bootstrap-kubelet.conf'];
    for (const into of all) {
      if (into.kind === 'certificate')
        expect(certificateNames).toEqual(expect.arrayContaining([...(into.names ?? [])]));
      if (into.kind === 'kubeconfig') expect(files).toEqual(expect.arrayContaining([...(into.files ?? [])]));
    }
  });

  test('has an answer for a field below a row, and none for an unknown field', () => {
    expect(whatHolds('ClusterConfiguration.apiServer.extraArgs')).toEqual(
      whatHolds('ClusterConfiguration.apiServer'),
    );
    expect(whatHolds('ClusterConfiguration.apiServer.certSANs')).toContainEqual({
      kind: 'certificate',
      names: ['apiserver'],
    });
    expect(whatHolds('ClusterConfiguration.etcdd')).toBeUndefined();
  });
});
