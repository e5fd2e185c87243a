export { JsonPathError } from './error.ts';
export { findJsonPath } from './find.ts';
export { type PathNode, parseJsonPath } from './parse.ts';
export { printJson, printValues } from './print.ts';
