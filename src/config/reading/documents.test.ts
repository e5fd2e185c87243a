import fc from 'fast-check';
import { expect, test } from 'vitest';

import { KubeadmError } from '../../errors.ts';
import { parseDocuments, splitDocuments } from './documents.ts';

const head = (kind: string) => `apiVersion: kubeadm.k8s.io/v1beta4\nkind: ${kind}\n`;
const a = head('InitConfiguration');
const b = head('ClusterConfiguration');

// Upstream's binary accepts these texts, with these numbers of documents.
test.each([
  ['one', a, 1],
  ['empty', '', 0],
  ['two', `${a}---\n${b}`, 2],
  ['a leading line', `---\n${a}---\n${b}`, 2],
  ['doubled lines', `${a}---\n---\n${b}`, 2],
  ['a trailing line', `${a}---\n`, 1],
  ['comment and blanks behind the line', `${a}--- # next\n${b}`, 2],
  ['blanks in front of the line: text of the document', `${a}clusterName: |\n  x\n  ---\n  y\n`, 1],
  ['a directive in front of the line', `${a}%YAML 1.1\n---\n${b}`, 2],
  ['Windows line ends', `${a}---\n${b}`.replaceAll('\n', '\r\n'), 2],
  ['a byte order mark', `\uFEFF${a}`, 1],
  ['no newline at the end', `${a}---\n${b}`.trimEnd(), 2],
  ['JSON', '{"apiVersion":"kubeadm.k8s.io/v1beta4","kind":"ClusterConfiguration"}', 1],
])('%s', (_name, text, count) => {
  expect(parseDocuments(text, 'f.yaml')).toHaveLength(count);
});

test.each([
  ['two leading lines', `---\n---\n${a}`, 'document 1, line 1: kind and apiVersion is mandatory'],
  ['three lines', `---\n---\n---\n${a}`, 'document 1, line 1: kind and apiVersion is mandatory'],
  ['a comment as a document', `# x\n---\n${a}`, 'document 1, line 1: kind and apiVersion is mandatory'],
  ['text behind the line', `${a}--- x\n${b}`, 'line 3: invalid YAML document separator: x'],
  ['no group', 'apiVersion: v1\nkind: Pod\n', 'document 1, line 1: kind and apiVersion is mandatory'],
  ['no kind', 'apiVersion: a/b\n', 'kind and apiVersion is mandatory'],
  ['a list', '- a\n', 'kind and apiVersion is mandatory'],
  [
    'a kind twice, in two versions',
    `${a}---\n${a.replace('v1beta4', 'v1beta3')}`,
    'document 2, line 5: kind',
  ],
  ['a syntax error', `${a}---\n${b}networking: [\n`, 'document 2, line 7, column 1'],
])('%s is refused', (_name, text, message) => {
  expect(() => parseDocuments(text, 'f.yaml')).toThrow(message);
  expect(() => parseDocuments(text, 'f.yaml')).toThrow(KubeadmError);
});

test('line numbers of values count from the start of the file', () => {
  const [, second] = parseDocuments(`${a}---\n${b}networking:\n  podSubnet: x\n`, 'f.yaml');
  expect(second?.lineOf(['networking', 'podSubnet'])).toBe(7);
  expect(second?.lineOf(['networking', 'dnsDomain'])).toBe(6);
  expect(second?.lineOf([])).toBe(4);
});

test('duplicate keys have a path and a line, and the last value counts', () => {
  const [document] = parseDocuments(`${b}networking:\n  podSubnet: x\n  podSubnet: z\n`, 'f.yaml');
  expect(document?.value).toMatchObject({ networking: { podSubnet: 'z' } });
  expect(document?.duplicates).toEqual([
    {
      severity: 'warning',
      code: 'duplicate-key',
      message: 'key "podSubnet" is there twice; the last one counts',
      place: { file: 'f.yaml', document: 1, path: 'networking.podSubnet', line: 5 },
    },
  ]);
});

test('every line of a text is in a document, in order, or is a separator', () => {
  const line = fc.constantFrom('a: b', '', '# c', '---', '--- # d', ' ---', '-');
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const parts = splitDocuments(lines.map((text) => `${text}\n`).join(''));
      for (const { text, line: first } of parts) {
        const own = text.split('\n').slice(0, -1);
        expect(lines.slice(first - 1, first - 1 + own.length)).toEqual(own);
      }
      const separator = /^---\s*(#.*)?$/;
      const kept = parts.flatMap(({ text }) => text.split('\n').slice(0, -1));
      expect(kept.filter((text) => !separator.test(text))).toEqual(
        lines.filter((text) => !separator.test(text)),
      );
    }),
  );
});
