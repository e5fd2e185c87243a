/**
 * `make bench` measures this kubeadm and upstream's in turns on fresh nodes. It prints the figures and writes them to
 * docs/benchmarks.md, with the picture docs/timeline.svg. `--pairs N` defaults to 9. `--stdout` does not write the page.
 * `--joins` measures only the joins, and `--scale` only many workers that join at once. Neither writes the page.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createTextReport, describeError, ensureComponents } from '../components/index.ts';
import { timelineSvg } from '../src/cli/render/timeline-svg.ts';
import { joinRuns, requestCounts } from './bench/join.ts';
import { pictureOf } from './bench/phases.ts';
import {
  bareWaitText,
  type Circumstances,
  document,
  figureTable,
  middleRun,
  phaseTable,
} from './bench/report.ts';
import { scaleRuns } from './bench/scale.ts';
import { type Bench, bareWaits, phaseRuns, readyRuns, shortRuns, sides, wholeRuns } from './bench/series.ts';
import { buildExecutable } from './build.ts';
import { root } from './steps.ts';

const page = path.join(root, 'docs/benchmarks.md');
const picture = path.join(root, 'docs/timeline.svg');
const titles = { ours: 'kubeadm init', upstream: "upstream's kubeadm init" } as const;

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

async function bench(): Promise<void> {
  const { values } = parseArgs({
    options: {
      pairs: { type: 'string', default: '9' },
      stdout: { type: 'boolean', default: false },
      joins: { type: 'boolean', default: false },
      scale: { type: 'boolean', default: false },
    },
  });
  const pairs = readPairs(values.pairs);
  const loadBefore = load();
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
  if (loadBefore > 2)
    console.log(`the load is ${loadBefore.toFixed(1)}: other work will show in the figures`);
  if (values.scale) {
    console.log(`\n${figureTable(await scaleRuns(settings))}`);
    return;
  }
  const joins = [...(await joinRuns(settings)), ...(await requestCounts(settings))];
  if (values.joins) {
    console.log(`\n${figureTable(joins)}`);
    return;
  }
  const short = await shortRuns(settings);
  const whole = await wholeRuns(settings);
  const ready = await readyRuns(settings);
  const bare = await bareWaits(settings);
  const phases = await phaseRuns(settings);
  const figures = [...whole, ...ready, ...joins, ...short];
  const results = { figures, phases, bareWaits: bare };
  console.log(`\n${figureTable(figures)}\n\nbare wait: ${bareWaitText(results)}\n\n${phaseTable(phases)}\n`);
  if (values.stdout) return;
  const circumstances: Circumstances = {
    date: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    cgroups: existsSync('/sys/fs/cgroup/cgroup.controllers') ? 'v2' : 'v1',
    loadBefore,
    loadAfter: load(),
    kubernetes: components.kubernetes,
    commit: built,
  };
  const runs = sides.map((side) => pictureOf(titles[side], middleRun(phases[side])));
  writeFileSync(picture, timelineSvg(runs));
  writeFileSync(page, document(circumstances, results));
  console.log(`wrote ${path.relative(root, page)}`);
}

try {
  await bench();
} catch (error) {
  console.error(`error: ${describeError(error)}`);
  process.exitCode = 1;
}
