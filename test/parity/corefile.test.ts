/** Compares the migration of Corefiles with CoreDNS's own library, on random Corefiles. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { corefiles, updates } from '../../src/addons/corefile/corefile.fixture.ts';
import { formatCorefile, parseCorefile } from '../../src/addons/corefile/corefile.ts';
import { isDefaultCorefile } from '../../src/addons/corefile/default-corefile.ts';
import { migrateCorefile } from '../../src/addons/corefile/migrate.ts';
import { changesOf, type Notice, unknownNames } from '../../src/addons/corefile/notices.ts';
import { KubeadmError } from '../../src/errors.ts';

const source = path.join(import.meta.dirname, 'corefile-migration');
const scratch = mkdtempSync(path.join(tmpdir(), 'kubeadm-corefile-'));
const program = path.join(scratch, 'corefile-migration');
afterAll(() => rmSync(scratch, { recursive: true }));

beforeAll(() => {
  const env = { ...process.env, GOFLAGS: '-mod=readonly', GOWORK: 'off', CGO_ENABLED: '0' };
  const { status, stderr } = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: source,
    env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`go build: ${stderr}`);
});

interface Question {
  readonly From: string;
  readonly To: string;
  readonly Corefile: string;
}

interface GoNotice {
  readonly Plugin: string;
  readonly Option: string;
  readonly Severity: string;
  readonly Version: string;
  readonly ReplacedBy: string;
}

interface Result<T> {
  readonly Value: T;
  readonly Error: string;
  /** The library of upstream crashes on some Corefiles. kubeadm must not. */
  readonly Crash: string;
}

interface Answer {
  readonly Default: boolean;
  readonly Formatted: Result<string>;
  readonly Migrated: Result<string>;
  readonly Changes: Result<readonly GoNotice[] | null>;
  readonly Unknown: Result<readonly GoNotice[] | null>;
}

function ask(questions: readonly Question[]): readonly Answer[] {
  const input = questions.map((question) => JSON.stringify(question)).join('\n');
  const { status, stderr, stdout } = spawnSync(program, [], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 30,
  });
  if (status !== 0) throw new Error(stderr);
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Answer);
}

const refused = 'refused';

/** A refusal is expected. Any other error is a fault of kubeadm. */
function attempt<T>(call: () => T): T | typeof refused {
  try {
    return call();
  } catch (error) {
    if (error instanceof KubeadmError && error.code === refused) return refused;
    throw error;
  }
}

const written = ({ option = '', plugin, replacedBy = '', severity, version }: Notice): string =>
  JSON.stringify([version, plugin, option, severity, replacedBy]);
const writtenByGo = (notice: GoNotice): string =>
  JSON.stringify([notice.Version, notice.Plugin, notice.Option, notice.Severity, notice.ReplacedBy]);
/** Notices come from maps of Go, which have no order. */
const sorted = (notices: readonly string[]): readonly string[] => notices.toSorted();

const seed = Number(process.env.PARITY_SEED ?? Math.floor(Math.random() * 2 ** 31));
const count = Number(process.env.PARITY_COREFILES ?? 2000);

test('Corefiles are read, judged and migrated as by the library of CoreDNS', () => {
  console.log(`parity: seed ${seed} (PARITY_SEED=${seed} repeats it)`);
  const questions = fc
    .sample(fc.tuple(corefiles, updates), { numRuns: count, seed })
    .map(([Corefile, [From, To]]): Question => ({ From, To, Corefile }));
  const answers = ask(questions);
  expect(answers).toHaveLength(count);
  const kinds = { migrated: 0, refused: 0, crashed: 0, defaults: 0, notices: 0 };
  for (const [index, question] of questions.entries()) {
    const answer = answers[index];
    if (answer === undefined) throw new Error(`no answer ${index}`);
    const { Corefile: text, From: from, To: to } = question;
    const ours = {
      Default: isDefaultCorefile(text),
      Formatted: attempt(() => formatCorefile(parseCorefile(text))),
      Migrated: attempt(() => migrateCorefile(from, to, text)),
      Changes: attempt(() => sorted(changesOf(from, to, text).map(written))),
      Unknown: attempt(() => sorted(unknownNames(from, to, text).map(written))),
    };
    const theirs = {
      Default: answer.Default,
      Formatted: outcome(answer.Formatted, ours.Formatted),
      Migrated: outcome(answer.Migrated, ours.Migrated),
      Changes: outcome(notices(answer.Changes), ours.Changes),
      Unknown: outcome(notices(answer.Unknown), ours.Unknown),
    };
    expect(ours, JSON.stringify(question)).toEqual(theirs);
    if (answer.Migrated.Crash !== '') kinds.crashed++;
    else if (answer.Migrated.Error !== '') kinds.refused++;
    else if (from !== to) kinds.migrated++;
    if (answer.Default) kinds.defaults++;
    kinds.notices += answer.Changes.Value?.length ?? 0;
  }
  console.log(`Corefiles: ${JSON.stringify(kinds)}, differences: 0`);
  for (const [kind, number] of Object.entries(kinds)) expect(number, kind).toBeGreaterThan(0);
});

/** Nothing can be expected when the library crashes. */
function outcome<T>({ Crash, Error: error, Value }: Result<T>, ours: unknown): unknown {
  if (Crash !== '') return ours;
  return error === '' ? Value : refused;
}

function notices(result: Result<readonly GoNotice[] | null>): Result<readonly string[]> {
  return { ...result, Value: sorted((result.Value ?? []).map(writtenByGo)) };
}
