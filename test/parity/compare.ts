/** Differences between two records of the same case. */
import { parseAllDocuments } from 'yaml';

import type { Recorded } from './record.ts';

/** Returns a line for each difference. The list is empty if both results are the same. */
export function differences(upstream: Recorded, ours: Recorded): readonly string[] {
  const found: string[] = [];
  upstream.runs.forEach((run, index) => {
    const other = ours.runs[index];
    const command = run.args.join(' ');
    if ((run.code === 0) !== (other?.code === 0)) {
      found.push(
        `${command}: exit ${run.code}, ours ${other?.code}: ${(other?.stderr || run.stderr).slice(0, 300)}`,
      );
    } else if (run.code === 0 && run.args.includes('--dry-run')) {
      found.push(
        ...objectDifferences(dryRunObjects(run.stdout), dryRunObjects(other?.stdout ?? ''), command),
      );
    } else if (run.code === 0 && run.args[0] === 'upgrade') {
      found.push(...upgradeDifferences(run.args, run.stdout, other?.stdout ?? ''));
    } else if (run.code === 0 && (run.args[0] === 'config' || run.args.includes('--print-manifest'))) {
      const [a, b] = [withoutChance(run.stdout), withoutChance(other?.stdout ?? '')];
      // Upstream prints its own templates, which do not have sorted keys.
      if (run.args.includes('--print-manifest'))
        found.push(...valueDifferences(documents(a), documents(b), command));
      else if (a !== b) found.push(`${command}: ${firstDifference(a, b)}`);
    }
  });
  // The folder of a dry run has a random name.
  const [a, b] = [normalPaths(upstream.files), normalPaths(ours.files)];
  for (const file of [...new Set([...Object.keys(a), ...Object.keys(b)])].sort()) {
    const [x, y] = [a[file], b[file]];
    if (x === undefined || y === undefined)
      found.push(`${file}: ${x === undefined ? 'only ours' : 'only upstream'}`);
    else {
      if (x.mode !== y.mode) found.push(`${file}: mode ${x.mode}, ours ${y.mode}`);
      if (x.content !== y.content)
        found.push(`${file}: ${firstDifference(x.content ?? '', y.content ?? '')}`);
    }
  }
  return found;
}

function normalPaths(files: Recorded['files']): Recorded['files'] {
  const random = /kubeadm-([\w-]+)-dryrun\d+/g;
  return Object.fromEntries(
    Object.entries(files).map(([file, { mode, content }]) => [
      file.replace(random, 'kubeadm-$1-dryrun'),
      content === undefined ? { mode } : { mode, content: content.replace(random, 'kubeadm-$1-dryrun') },
    ]),
  );
}

function withoutChance(text: string): string {
  return text
    .replace(/\b[a-z0-9]{6}\.[a-z0-9]{16}\b/g, 'TOKEN')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME');
}

function firstDifference(a: string, b: string): string {
  const [left, right] = [a.split('\n'), b.split('\n')];
  const at = left.findIndex((line, index) => line !== right[index]);
  const line = at === -1 ? left.length : at;
  return `line ${line + 1}: ${JSON.stringify(left[line])?.slice(0, 400)}, ours ${JSON.stringify(right[line])?.slice(0, 400)}`;
}

function documents(text: string): readonly unknown[] {
  return parseAllDocuments(text.replace(/^---(?=\S)/gm, '---\n'), { version: '1.1' }).map(
    (document): unknown => document.toJS(),
  );
}

/** Compares plans as data, and diffs line by line. */
function upgradeDifferences(args: readonly string[], a: string, b: string): readonly string[] {
  const command = args.join(' ');
  if (args[1] === 'plan') return valueDifferences(documents(a), documents(b), command);
  const [x, y] = [sortedParts(a), sortedParts(b)];
  return x === y ? [] : [`${command}: ${firstDifference(x, y)}`];
}

/** Upstream prints the manifests in a random order. */
function sortedParts(diff: string): string {
  return diff
    .split(/^(?=--- )/m)
    .sort()
    .join('');
}

type Objects = ReadonlyMap<string, unknown>;

/** Returns the objects in the output of a dry run, by kind, namespace and name. The last object of a name counts. */
export function dryRunObjects(stdout: string): Objects {
  const objects = new Map<string, unknown>();
  const [beforeEnd = ''] = stdout.split(/\n(?:Your Kubernetes control-plane|This node has joined)/);
  const blocks = beforeEnd.replace(/kubeadm-([\w-]+)-dryrun\d+/g, 'kubeadm-$1-dryrun').split(/^\[.*$/m);
  for (const block of blocks) {
    if (!block.includes('apiVersion:')) continue;
    for (const document of parseAllDocuments(block.replace(/^\s*\n/, ''), {
      version: '1.1',
      uniqueKeys: false,
    })) {
      const value: unknown = document.toJS();
      if (!isObject(value)) continue;
      const { name = '', namespace = '' } = value.metadata ?? {};
      // It tells nothing about the run, and this kubeadm does not show it.
      if (value.metadata !== undefined) Reflect.deleteProperty(value.metadata, 'resourceVersion');
      objects.set(`${value.kind}/${namespace}/${name}`, value);
    }
  }
  return withoutRandomTokens(objects);
}

interface ObjectLike {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata?: { readonly name?: string; readonly namespace?: string };
}

function isObject(value: unknown): value is ObjectLike {
  return typeof value === 'object' && value !== null && 'apiVersion' in value && 'kind' in value;
}

/**
 * Removes the names, the data and the expiration of random tokens, which differ in each run. Also removes the encrypted
 * certificates, because upstream's dry run reads the certificates from the wrong folder (docs/differences.md).
 */
function withoutRandomTokens(objects: Objects): Objects {
  return new Map(
    [...objects].map(([key, value]) => {
      const text = JSON.stringify(value)
        .replace(/"expiration":"[^"]*"/g, '"expiration":"TIME"')
        .replace(/("certificate-authority-data: )[A-Za-z0-9+/=]+/g, '$1CA')
        .replace(/certificate-authority-data: [A-Za-z0-9+/=]+/g, 'certificate-authority-data: CA')
        .replace(/certificate-authority-data: <[^\n]*?>\\n/g, 'certificate-authority-data: CA\\n');
      const random = /^Secret\/kube-system\/bootstrap-token-(?!abcdef$)/.test(key);
      const plain = random
        ? text
            .replace(/bootstrap-token-[a-z0-9]{6}/g, 'bootstrap-token-RANDOM')
            .replace(/"token-(id|secret)":"[^"]*"/g, '"token-$1":"RANDOM"')
        : key.endsWith('/kubeadm-certs')
          ? text
              .replace(/bootstrap-token-[a-z0-9]{6}/g, 'bootstrap-token-RANDOM')
              .replace(/":(?:null|"[A-Za-z0-9+/=]{100,}"|"")/g, '":"SEALED"')
          : text;
      return [random ? 'Secret/kube-system/bootstrap-token-RANDOM' : key, JSON.parse(plain)];
    }),
  );
}

function objectDifferences(a: Objects, b: Objects, command: string): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort().flatMap((key) => {
    if (!a.has(key)) return [`${command}: object ${key} is only ours`];
    if (!b.has(key)) return [`${command}: object ${key} is only upstream's`];
    return valueDifferences(a.get(key), b.get(key), `${command}: ${key}`);
  });
}

function valueDifferences(a: unknown, b: unknown, where: string): readonly string[] {
  if (JSON.stringify(a) === JSON.stringify(b)) return [];
  if (
    typeof a === 'object' &&
    a !== null &&
    typeof b === 'object' &&
    b !== null &&
    Array.isArray(a) === Array.isArray(b)
  ) {
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((key) =>
      valueDifferences(Reflect.get(a, key), Reflect.get(b, key), `${where}.${key}`),
    );
  }
  return [`${where}: ${JSON.stringify(a)?.slice(0, 300)}, ours ${JSON.stringify(b)?.slice(0, 300)}`];
}
