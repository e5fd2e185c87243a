/**
 * `make bench` measures this kubeadm and upstream's in turns on fresh nodes. It prints the figures and writes them to
 * docs/benchmarks.md, docs/benchmarks-join.md, docs/benchmarks-upgrade.md and docs/benchmarks-scale.md, with the pictures
 * docs/timeline.svg and docs/timeline-join.svg. Each of --init, --joins, --upgrades and --scale chooses one page.
 *
 * --pairs N   the default is 9
 * --init      measures init, reset and short commands
 * --joins     measures the joins
 * --upgrades  measures the upgrades
 * --scale     measures many workers that join at once
 * --stdout    writes neither pages nor pictures
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { timelineSvg } from '../src/cli/render/timeline-svg.ts';
import { joinDetails, joinRuns } from './bench/join.ts';
import {
  controlPlaneStretches,
  initStretches,
  type PhaseRuns,
  pictureOf,
  type Stretch,
  workerStretches,
} from './bench/phases.ts';
import { type Circumstances, middleRun } from './bench/report.ts';
import { initPage } from './bench/report-init.ts';
import { joinPage, scalePage } from './bench/report-join.ts';
import { upgradePage } from './bench/report-upgrade.ts';
import { scaleRuns } from './bench/scale.ts';
import { type Bench, bareWaits, phaseRuns, readyRuns, shortRuns, sides, wholeRuns } from './bench/series.ts';
import { upgradeRuns } from './bench/upgrade.ts';
import { buildExecutable } from './build.ts';
import { root } from './steps.ts';

interface Measured {
  readonly page: (at: Circumstances) => string;
  /** An SVG. */
  readonly picture?: string;
}

/** A page in docs, and the picture beside it. */
interface Page {
  readonly file: string;
  readonly picture?: string;
  readonly measure: (bench: Bench) => Promise<Measured>;
}

/** The middle run of each side. */
function pictureRuns(command: string, stretches: readonly Stretch[], runs: PhaseRuns) {
  const titles = { ours: `kubeadm ${command}`, upstream: `upstream's kubeadm ${command}` };
  return sides.map((side) => pictureOf(titles[side], middleRun(runs[side]), stretches));
}

async function measureInit(bench: Bench): Promise<Measured> {
  const short = await shortRuns(bench);
  const whole = await wholeRuns(bench);
  const ready = await readyRuns(bench);
  const bare = await bareWaits(bench);
  const phases = await phaseRuns(bench);
  const results = { figures: [...whole, ...ready, ...short], phases, bareWaits: bare };
  return {
    page: (at) => initPage(at, results),
    picture: timelineSvg(pictureRuns('init', initStretches, phases)),
  };
}

async function measureJoins(bench: Bench): Promise<Measured> {
  // These read upstream's output, so a change of its wording ends the series at its beginning.
  const details = await joinDetails(bench);
  const figures = await joinRuns(bench);
  return {
    page: (at) => joinPage(at, { figures, details }),
    picture: timelineSvg([
      ...pictureRuns('join of a control plane', controlPlaneStretches, details.controlPlane),
      ...pictureRuns('join of a worker', workerStretches, details.worker),
    ]),
  };
}

async function measureUpgrades(bench: Bench): Promise<Measured> {
  const figures = await upgradeRuns(bench);
  return { page: (at) => upgradePage(at, figures) };
}

async function measureScale(bench: Bench): Promise<Measured> {
  const figures = await scaleRuns(bench);
  return { page: (at) => scalePage(at, figures) };
}

const pages = {
  init: { file: 'docs/benchmarks.md', picture: 'docs/timeline.svg', measure: measureInit },
  joins: { file: 'docs/benchmarks-join.md', picture: 'docs/timeline-join.svg', measure: measureJoins },
  upgrades: { file: 'docs/benchmarks-upgrade.md', measure: measureUpgrades },
  scale: { file: 'docs/benchmarks-scale.md', measure: measureScale },
} satisfies Readonly<Record<string, Page>>;

const names = ['init', 'joins', 'upgrades', 'scale'] as const;

/** @throws Error if it is not a whole number above 0 */
function readPairs(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--pairs ${text}: must be a whole number above 0`);
  return Number(text);
}

function git(args: readonly string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim();
}

/** The commit, or `unknown` in a source archive. */
function commit(): string {
  if (!existsSync(path.join(root, '.git'))) return 'unknown';
  const changed = git(['status', '--porcelain', '--', 'src', 'package-lock.json', 'tools/build.ts']) !== '';
  return `${git(['rev-parse', '--short=10', 'HEAD'])}${changed ? '+' : ''}`;
}

function load(): number {
  return loadavg()[0] ?? 0;
}

function circumstances(kubernetes: string, built: string, loadBefore: number): Circumstances {
  return {
    date: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    cgroups: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1',
    loadBefore,
    loadAfter: load(),
    kubernetes,
    commit: built,
  };
}

function write(file: string, text: string): void {
  writeFileSync(path.join(root, file), text);
  console.log(`wrote ${file}`);
}

async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '9' },
      stdout: { type: 'boolean', default: false },
      init: { type: 'boolean', default: false },
      joins: { type: 'boolean', default: false },
      upgrades: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
    },
  });
  const pairs = readPairs(values.pairs);
  const report = createTextReport(process.stderr);
  const components = await ensureComponents({ report });
  const upstream = (await ensureComponents({ set: 'compare', report })).programs.kubeadm;
  const built = commit();
  buildExecutable();
  const settings: Bench = {
    components,
    programs: { ours: path.join(root, 'dist/kubeadm'), upstream },
    pairs,
    report: (line) => console.log(line),
  };
  const { init, joins, upgrades, scale } = values;
  const wanted = { init, joins, upgrades, scale };
  const isChosen = Object.values(wanted).includes(true);
  const chosen: readonly Page[] = names
    .filter((name) => wanted[name] || !isChosen)
    .map((name) => pages[name]);
  for (const { file, measure, picture } of chosen) {
    const loadBefore = load();
    if (loadBefore > 2)
      console.log(`the load is ${loadBefore.toFixed(1)}: other work will show in the figures`);
    const measured = await measure(settings);
    const text = measured.page(circumstances(components.kubernetes, built, loadBefore));
    console.log(`\n${text}`);
    if (values.stdout) continue;
    write(file, text);
    if (picture !== undefined && measured.picture !== undefined) write(picture, measured.picture);
  }
}

try {
  await bench();
} catch (error) {
  console.error(`error: ${describeError(error)}`);
  process.exitCode = 1;
}
