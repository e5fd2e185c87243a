/** The bill of materials (CycloneDX 1.5) of the executables and packages, with npm's list and the runtime. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Target } from '../build.ts';
import { npm } from './run.ts';
import { runtimeParts } from './runtime.ts';
import { isRecord, type Manifest, readJson, type Source } from './source.ts';

export interface SbomOptions {
  /** The staged npm package. */
  readonly folder: string;
  readonly source: Source;
  readonly targets: readonly Target[];
  /** The process.versions of the runtime. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The text of the bill. The same sources and the same npm give the same text. */
export async function createSbom({ folder, source, targets, versions }: SbomOptions): Promise<string> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--package-lock-only', '--omit=dev'];
  const bill: unknown = JSON.parse(await npm(args, folder));
  if (!isRecord(bill) || !isRecord(bill.metadata) || !isRecord(bill.metadata.component)) {
    throw new Error('npm sbom printed no CycloneDX document');
  }
  const component: Manifest = { ...bill.metadata.component, name: 'kubeadm', type: 'application' };
  const runtimes = targets.map((target) => runtimeComponent(target, versions));
  const { serialNumber: _random, ...rest } = bill;
  const result = {
    ...rest,
    metadata: { ...bill.metadata, timestamp: source.date, component },
    components: [...list(bill.components), ...runtimes],
    dependencies: [
      ...list(bill.dependencies).map((entry) =>
        isRecord(entry) && entry.ref === component['bom-ref']
          ? {
              ...entry,
              dependsOn: [...list(entry.dependsOn), ...runtimes.map((runtime) => runtime['bom-ref'])],
            }
          : entry,
      ),
      ...runtimes.map((runtime) => ({ ref: runtime['bom-ref'], dependsOn: [] })),
    ],
  };
  const serialNumber = `urn:uuid:${uuid(JSON.stringify([source.commit, result]))}`;
  return `${JSON.stringify({ ...result, serialNumber }, null, 2)}\n`;
}

function runtimeComponent(target: Target, versions: Readonly<Record<string, string>>): Manifest {
  const { version } = readJson(path.join(target.folder, target.runtime, 'package.json'));
  const reference = `${target.runtime}@${version}`;
  return {
    'bom-ref': reference,
    type: 'platform',
    name: target.runtime,
    version,
    scope: 'required',
    description: `Bun, the runtime inside the executable for linux/${target.architecture}`,
    purl: `pkg:npm/${target.runtime.replace('@', '%40')}@${version}`,
    hashes: [{ alg: 'SHA-512', content: lockedHash(target) }],
    licenses: [{ license: { id: 'MIT' } }],
    components: runtimeParts.map(({ name, license, url, versionsKey }) => ({
      'bom-ref': `${reference}/${name}`,
      type: 'library',
      name,
      ...(versionsKey === undefined ? {} : { version: versions[versionsKey] ?? '' }),
      licenses: [/ /.test(license) ? { expression: license } : { license: { id: license } }],
      externalReferences: [{ type: 'vcs', url }],
    })),
  };
}

/** The SHA-512 of the runtime's npm tarball in hex, from the lock file. */
function lockedHash({ folder, runtime }: Target): string {
  const lock = readJson(path.join(folder, '../package-lock.json'));
  const entry = isRecord(lock.packages) ? lock.packages[`node_modules/${runtime}`] : undefined;
  const integrity = isRecord(entry) ? String(entry.integrity) : '';
  if (!integrity.startsWith('sha512-')) throw new Error(`the lock file has no SHA-512 of ${runtime}`);
  return Buffer.from(integrity.slice('sha512-'.length), 'base64').toString('hex');
}

/** A UUID of version 8 (RFC 9562, 5.8), made from the content and not from random bytes or the time. */
function uuid(content: string): string {
  const hex = createHash('sha256').update(content).digest('hex');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  const [a, b, c, d, e] = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(13, 16),
    hex.slice(17, 20),
    hex.slice(20, 32),
  ];
  return `${a}-${b}-8${c}-${variant}${d}-${e}`;
}

export interface Bundled {
  readonly name: string;
  readonly version: string;
}

/** The npm packages with a file in the bundle, from Bun's metafile. */
export function bundledPackages(metafile: string): readonly Bundled[] {
  const meta: unknown = JSON.parse(readFileSync(metafile, 'utf8'));
  const inputs = isRecord(meta) && isRecord(meta.inputs) ? Object.keys(meta.inputs) : [];
  const folders = new Set<string>();
  for (const input of inputs) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders].sort().map((folder) => {
    const { name, version } = readJson(path.join(folder, 'package.json'));
    return { name: String(name), version: String(version) };
  });
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
