/** Builds programs from Go modules. The go.mod and go.sum of each family pin all sources. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { hostArchitecture } from './architecture.ts';
import type { GoFamily, Program } from './catalogue.ts';
import { ComponentsError } from './errors.ts';
import { lastLines, output, run } from './run.ts';
import type { Source, SourceContext } from './source.ts';

/** The Go version that Kubernetes 1.36 needs. The other families also work with older ones. */
const minimumGo = '1.26';
const buildFlags: readonly string[] = ['-mod=readonly', '-trimpath', '-buildvcs=false'];
const stripFlags = '-s -w';
const orRelease = 'use the official release files (COMPONENTS_SOURCE=release)';

interface GoEnvironment {
  /** The version of Go, and its experiments if the user chose any. */
  readonly version: string;
  readonly buildCache: string;
  readonly moduleCache: string;
}

/** @param base the folder that has the folders of the families. */
export function createGoSource(base: string): Source {
  const environments = new Map<string, Promise<GoEnvironment>>();
  // The version is read in the folder of each family, because its `go` line may choose another toolchain.
  const environmentOf = (family: GoFamily): Promise<GoEnvironment> => {
    const known = environments.get(family.folder) ?? readEnvironment(join(base, family.folder));
    environments.set(family.folder, known);
    return known;
  };
  return {
    name: 'go',
    debianPackages: [],
    arguments: () => [],
    key: async (program) => {
      const directory = join(base, program.family.folder);
      const { version } = await environmentOf(program.family);
      return programKey(program, version, await sourceFiles(directory, program.family.module === undefined));
    },
    obtain: (program, path, context) => build(join(base, program.family.folder), program, path, context),
    missingMB: async (programs) => {
      const first = programs[0];
      return first === undefined ? 0 : missingMB(programs, await environmentOf(first.family));
    },
    folders: async () => {
      const { buildCache, moduleCache } = await readEnvironment(base);
      return [buildCache, moduleCache];
    },
  };
}

/** Everything that a Go program's bytes depend on. It is exported for its test: each part must change the key. */
export function programKey(
  program: Program,
  goVersion: string,
  files: readonly (readonly [name: string, content: string])[],
): string {
  const parts = {
    scheme: 2,
    goVersion,
    architecture: hostArchitecture(),
    package: program.package,
    arguments: buildArguments(program),
    files: files.map(([name, content]) => [name, createHash('sha256').update(content).digest('hex')]),
  };
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/** Whether a version such as `go1.26.8` is at least `1.26`. A development build (`devel …`) counts as new. */
export function isGoNewEnough(version: string, minimum: string): boolean {
  const [major, minor] = numbersOf(version);
  const [wantedMajor, wantedMinor] = numbersOf(minimum);
  if (major === undefined || minor === undefined) return version.startsWith('devel');
  if (wantedMajor === undefined || wantedMinor === undefined) return true;
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

function numbersOf(version: string): readonly number[] {
  const found = /^(?:go)?(\d+)\.(\d+)/.exec(version);
  return found === null ? [] : [Number(found[1]), Number(found[2])];
}

/** The arguments before `-o PATH PACKAGE`. */
function buildArguments(program: Program): readonly string[] {
  const variables = Object.entries(program.variables).map(([name, value]) => `-X ${name}=${value}`);
  const verb = program.kind === 'test' ? ['test', '-c'] : ['build'];
  return [...verb, ...buildFlags, '-ldflags', [stripFlags, ...variables].join(' ')];
}

/**
 * The caller's environment, in which all variables that change the result have fixed values. Empty values would not do,
 * because they let a setting of `go env -w` through. GOPROXY, GOSUMDB and the cache folders stay the user's.
 */
function goEnvironmentVariables(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    GOFLAGS: '-mod=readonly',
    GOWORK: 'off',
    GO111MODULE: 'on',
    GOOS: 'linux',
    GOARCH: hostArchitecture(),
    GOAMD64: 'v1',
    GOARM64: 'v8.0',
    CGO_ENABLED: '0',
  };
}

async function readEnvironment(directory: string): Promise<GoEnvironment> {
  const text = await output('go', ['env', '-json', 'GOVERSION', 'GOEXPERIMENT', 'GOCACHE', 'GOMODCACHE'], {
    cwd: directory,
    env: goEnvironmentVariables(),
  }).catch((error: unknown) => {
    throw goMissing(error);
  });
  const {
    GOVERSION = '',
    GOEXPERIMENT = '',
    GOCACHE = '',
    GOMODCACHE = '',
  } = JSON.parse(text) as Readonly<Record<string, string>>;
  if (!isGoNewEnough(GOVERSION, minimumGo)) {
    throw new ComponentsError(`Go ${minimumGo} or newer is needed, found ${GOVERSION}`, {
      hint: `Install a newer Go and put its \`go\` first on PATH, or ${orRelease}.`,
    });
  }
  return { version: `${GOVERSION} ${GOEXPERIMENT}`.trim(), buildCache: GOCACHE, moduleCache: GOMODCACHE };
}

function goMissing(error: unknown): ComponentsError {
  const text = error instanceof Error ? error.message : String(error);
  const old = /go\.mod requires go >= (\S+) \(running go ([^;)]+)/.exec(text);
  if (old !== null) {
    return new ComponentsError(`Go ${old[1]} or newer is needed, found go${old[2]}`, {
      hint: `Install a newer Go and put its \`go\` first on PATH, or ${orRelease}.`,
    });
  }
  if (!text.endsWith('not found')) return new ComponentsError(`Go does not work: ${text}`, { cause: error });
  return new ComponentsError(`Go is missing: the node's programs are built with Go ${minimumGo} or newer`, {
    hint: `Install Go and put its \`go\` on PATH, or ${orRelease}.`,
  });
}

async function sourceFiles(directory: string, own: boolean): Promise<readonly (readonly [string, string])[]> {
  const names = (await readdir(directory)).filter((name) => {
    return name === 'go.mod' || name === 'go.sum' || (own && name.endsWith('.go'));
  });
  return Promise.all(
    names.sort().map(async (name) => [name, await readFile(join(directory, name), 'utf8')] as const),
  );
}

async function build(
  directory: string,
  program: Program,
  path: string,
  context: SourceContext,
): Promise<void> {
  const result = await run('go', [...buildArguments(program), '-o', path, program.package], {
    cwd: directory,
    env: goEnvironmentVariables(),
    signal: context.signal,
    onLine: (line) => context.note(line.replace(/^go: /, '')),
  });
  if (result.code === 0) return;
  throw new ComponentsError(`${program.name} could not be built:\n${lastLines(result.stderr)}`, {
    hint: hintFor(result.stderr),
  });
}

function hintFor(text: string): string {
  if (/no space left on device/.test(text))
    return 'Free some disk space and start again. The finished programs are kept.';
  if (/dial tcp|lookup .*: |i\/o timeout|connection refused|TLS handshake/.test(text)) {
    return 'The Go module proxy could not be reached. Check the network and GOPROXY, then start again.';
  }
  if (/checksum mismatch|SECURITY ERROR/.test(text))
    return 'A downloaded module is not the pinned one. Do not use it.';
  return 'Start again to continue. The finished programs are kept.';
}

/** Modules count if their folder is missing. The present content of the build cache counts as already built. */
async function missingMB(programs: readonly Program[], environment: GoEnvironment): Promise<number> {
  const families = new Map(programs.map((program) => [program.family.folder, program.family]));
  let modules = 0;
  let objects = 0;
  for (const family of families.values()) {
    objects += family.buildMB;
    const folder = `${family.module ?? ''}@${family.version}`;
    if (!existsSync(join(environment.moduleCache, folder))) modules += family.modulesMB;
  }
  return modules + Math.max(0, objects - (await directoryMB(environment.buildCache, objects)));
}

/** The size of Go's build cache. Counting stops at `enough`. */
async function directoryMB(directory: string, enough: number): Promise<number> {
  let bytes = 0;
  for (const folder of await readdir(directory).catch(() => [])) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    const names = await readdir(join(directory, folder)).catch(() => []);
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(directory, folder, name)).then(
          (found) => found.size,
          () => 0,
        ),
      ),
    );
    bytes += sizes.reduce((sum, size) => sum + size, 0);
    if (bytes > enough * 1e6) break;
  }
  return Math.floor(bytes / 1e6);
}
