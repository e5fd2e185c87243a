import { expect, test } from 'vitest';

import { declarationsOf } from './declarations.ts';

const text = `/** About the file. */
import type { Host } from '../host.ts';
import { type A, B as C } from './a.ts';
import 'side-effect';
/** An interface. */
export interface Request extends A {
    /** A field; it has a comment } */
    readonly a?: string;
}
export type Union =
/** First. */
{
    readonly a: 1;
}
/** Second. */
 | {
    readonly b: 2;
};
declare const hidden: readonly ["x"];
/**
 * Runs.
 *
 * @throws Error
 */
export declare function run(host: Host): Promise<{
    readonly c: C;
}>;
export declare class Secret {
    #private;
    constructor(value: string);
}
export type { D, E as F } from './d.ts';
export {};
`;

test('declarations are split with their comments, and without the comment of the file', () => {
  const { declarations } = declarationsOf(text);
  expect(declarations.map(({ name }) => name)).toEqual(['Request', 'Union', 'hidden', 'run', 'Secret']);
  const [request, union, hidden, run, secret] = declarations.map((one) => one.text);
  expect(request).toMatch(/^\/\*\* An interface\. \*\/\ninterface Request extends A \{\n.*\n\}$/s);
  expect(union).toContain('/** Second. */\n | {\n    readonly b: 2;\n};');
  expect(hidden).toBe('const hidden: readonly ["x"];');
  expect(run).toMatch(/^\/\*\*\n \* Runs\.\n.*\*\/\nfunction run\(host: Host\): .*\}>;$/s);
  expect(secret).toBe('class Secret {\n    #private;\n    constructor(value: string);\n}');
});

test('imports and passed on names are references', () => {
  expect(declarationsOf(text).references).toEqual([
    { name: 'Host', original: 'Host', from: '../host.ts' },
    { name: 'A', original: 'A', from: './a.ts' },
    { name: 'C', original: 'B', from: './a.ts' },
    { name: 'D', original: 'D', from: './d.ts' },
    { name: 'F', original: 'E', from: './d.ts' },
  ]);
});

test('a declaration of an unknown kind is an error', () => {
  expect(() => declarationsOf('export default 1;\n')).toThrow(
    'a declaration of an unknown kind: export default',
  );
});
