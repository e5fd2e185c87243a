/** The user's patches for files that kubeadm makes. Source: cmd/kubeadm/app/util/patches; KEP 1739. */

import { type ErrorOptions, KubeadmError, messageOf, type Place } from '../errors.ts';
import type { Emit } from '../events.ts';
import type { FileReads } from '../host.ts';
import { patchContentTypes } from '../kubernetes-types/patch-content-types.ts';
import type { KnownKind, StructTable } from '../kubernetes-types/schema.ts';
import { strategicMerge } from '../kubernetes-types/strategic-merge.ts';
import { typedForm } from '../kubernetes-types/typed.ts';
import { mergePatch } from '../lib/json-merge-patch.ts';
import { applyJsonPatch, checkJsonPatch } from '../lib/json-patch.ts';
import { isObject, type JsonObject } from '../lib/json-value.ts';
import { readYaml } from '../lib/yaml/read.ts';
import { type PatchDocument, splitPatchDocuments } from './documents.ts';
import {
  type PatchFileType,
  type PatchTarget,
  parsePatchFileName,
  patchTargets,
  patchTypes,
} from './file-name.ts';

export interface Patch {
  readonly target: PatchTarget;
  readonly type: PatchFileType;
  /** Path of the file, the document in it, the line where it begins. */
  readonly place: Place;
  readonly value: unknown;
}

/** All patches of a directory, in the order in which they are applied. */
export interface PatchSet {
  readonly directory: string;
  readonly patches: readonly Patch[];
}

export interface PatchOptions {
  /** The Go types of the release. */
  readonly types: StructTable;
  readonly emit: Emit;
}

const targetKinds: Readonly<Record<PatchTarget, KnownKind>> = {
  etcd: 'Pod',
  'kube-apiserver': 'Pod',
  'kube-controller-manager': 'Pod',
  'kube-scheduler': 'Pod',
  kubeletconfiguration: 'KubeletConfiguration',
  corednsdeployment: 'Deployment',
};

type PatchFiles = Pick<FileReads, 'lstat' | 'list' | 'readText'>;

/**
 * Reads and checks every patch of the directory and its sub-directories, in lexical order. A file with
 * another extension, an unknown target or no content is ignored with an event.
 *
 * @throws KubeadmError `patch-invalid`: the directory is missing or a link, a type is unknown, a text is not YAML
 */
export async function loadPatches(
  { files }: { readonly files: PatchFiles },
  directory: string,
  emit: Emit,
): Promise<PatchSet> {
  const stat = await files.lstat(directory);
  if (stat?.kind !== 'directory') {
    const reason = stat === undefined ? 'there is no such directory' : 'it is not a directory';
    throw new KubeadmError('patch-invalid', `could not list patch files of ${directory}: ${reason}`, {
      place: { file: directory },
      hint: 'Give the directory that holds the patch files with --patches or patches.directory.',
    });
  }
  const patches: Patch[] = [];
  for (const path of await walk(files, directory)) patches.push(...(await readPatchFile(files, path, emit)));
  return { directory, patches };
}

async function walk(files: PatchFiles, directory: string): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const name of (await files.list(directory)) ?? []) {
    const path = `${directory.replace(/\/$/, '')}/${name}`;
    const stat = await files.lstat(path);
    if (stat?.kind === 'directory') paths.push(...(await walk(files, path)));
    else paths.push(path);
  }
  return paths;
}

async function readPatchFile(files: PatchFiles, path: string, emit: Emit): Promise<readonly Patch[]> {
  const file = parsePatchFileName(path.slice(path.lastIndexOf('/') + 1));
  if (file.kind === 'ignored') {
    emit({ type: 'patch-ignored', file: path, reason: file.reason });
    return [];
  }
  if (file.kind === 'unknown-type') {
    throw invalid(`${path}: after "+" in the name of a patch file comes one of: ${patchTypes.join(', ')}`, {
      place: { file: path },
    });
  }
  const text = await files.readText(path);
  if (text === '') {
    emit({ type: 'patch-ignored', file: path, reason: 'empty' });
    return [];
  }
  return documentsOf(text, path).map((document) => readDocument(document, { ...file, path, emit }));
}

function documentsOf(text: string, path: string): readonly PatchDocument[] {
  try {
    return splitPatchDocuments(text);
  } catch (cause) {
    throw invalid(`${path}, ${messageOf(cause)}`, { place: { file: path }, cause });
  }
}

interface PatchFile {
  readonly target: PatchTarget;
  readonly type: PatchFileType;
  readonly path: string;
  readonly emit: Emit;
}

function readDocument({ text, document, line }: PatchDocument, file: PatchFile): Patch {
  const { target, type, path, emit } = file;
  const { value, problems } = readYaml(text, line);
  for (const problem of problems) {
    const place = { file: path, document, line: problem.line, column: problem.column };
    const message = `${where(place)}: ${problem.message}`;
    if (problem.kind === 'syntax') throw invalid(message, { place });
    emit({ type: 'warning', code: 'patch-duplicate-key', message });
  }
  const place = { file: path, document, line };
  const problem = shapeProblem(type, value);
  if (problem !== undefined)
    throw invalid(`${where(place)}: this is not a ${type} patch: ${problem}`, { place });
  return { target, type, place, value };
}

function shapeProblem(type: PatchFileType, value: unknown): string | undefined {
  if (type === 'json') return checkJsonPatch(value);
  // A strategic patch that has only comments changes nothing.
  if (isObject(value) || (type === 'strategic' && value === null)) return undefined;
  return 'it must be an object';
}

/**
 * The object with all patches of this target on it. `object` itself is not changed; the result has no
 * type yet (see `typedForm`).
 *
 * @throws KubeadmError `patch-invalid` with the place of the patch that does not fit
 */
export function applyPatches(
  set: PatchSet,
  target: PatchTarget,
  object: object,
  { emit, types }: PatchOptions,
): JsonObject {
  let patched: unknown = object;
  for (const patch of set.patches) {
    if (patch.target !== target) continue;
    patched = applyPatch(patch, patched, types);
    emit({ type: 'patch-applied', target, contentType: patchContentTypes[patch.type] });
  }
  if (!isObject(patched)) throw invalid(`the patches of ${set.directory} leave no object for ${target}`, {});
  return patched;
}

/**
 * The same, and then read into the type of the target and written again: unknown fields are gone.
 *
 * @throws KubeadmError `patch-invalid`, also when apiVersion or kind are another or a value has a wrong type
 */
export function applyTypedPatches(
  set: PatchSet,
  target: PatchTarget,
  object: object,
  patching: PatchOptions,
): JsonObject {
  const patched = applyPatches(set, target, object, patching);
  const options = { place: { file: set.directory } };
  for (const field of ['apiVersion', 'kind']) {
    if (patched[field] !== (object as JsonObject)[field]) {
      throw invalid(`the patches of ${set.directory} for ${target} must not change its ${field}`, options);
    }
  }
  try {
    return typedForm(targetKinds[target], patched, patching.types);
  } catch (cause) {
    const message = `the patches of ${set.directory} make a bad ${target}: ${messageOf(cause)}`;
    throw invalid(message, { ...options, cause });
  }
}

function applyPatch({ target, type, place, value }: Patch, object: unknown, types: StructTable): unknown {
  try {
    if (type === 'json') return applyJsonPatch(object, value);
    if (type === 'merge') return mergePatch(object, value);
    return strategicMerge(isObject(object) ? object : {}, value, { kind: targetKinds[target], types });
  } catch (error) {
    throw invalid(`${where(place)}: this ${type} patch does not fit ${target}: ${messageOf(error)}`, {
      place,
      cause: error,
    });
  }
}

function where({ file, document, line }: Place): string {
  return `${file}, document ${document}, line ${line}`;
}

function invalid(message: string, options: ErrorOptions): KubeadmError {
  const hint = `Patch files are named <target>[suffix][+type].<yaml|json>; targets: ${patchTargets.join(', ')}.`;
  return new KubeadmError('patch-invalid', message, { hint, ...options });
}
