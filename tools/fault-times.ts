/**
 * Runs init with the public faults of test/support/faults.ts, with this kubeadm and upstream's, and writes to
 * tools/docs/fault-times.json after how many seconds each ends and what it prints. docs/troubleshooting.md is made from
 * that file. `--fault N` runs only the fault with that number, `--side ours` or `--side upstream` only that program.
 * Upstream's can take four minutes for a fault.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { ensureComponents } from '../components/index.ts';
import { publicFaults } from '../test/support/faults.ts';
import { errorIn, prepare } from '../test/support/faulty-node.ts';
import { configFile, kubeadm, nodeName, withNode } from '../test/support/node.ts';
import type { Ending, FaultTimes } from './docs/fault-times.ts';
import { root } from './steps.ts';

const file = path.join(root, 'tools/docs/fault-times.json');
const sides = ['ours', 'upstream'] as const;
type Side = (typeof sides)[number];

const longestLine = 400;

const { values } = parseArgs({ options: { fault: { type: 'string' }, side: { type: 'string' } } });
const programs = { ours: kubeadm, upstream: (await ensureComponents({ set: 'compare' })).programs.kubeadm };
for (const [index, fault] of publicFaults.entries()) {
  if (values.fault !== undefined && Number(values.fault) !== index + 1) continue;
  for (const side of sides) {
    if (values.side !== undefined && values.side !== side) continue;
    const ending = await endingOf(side, fault);
    save(fault.name, side, ending);
    console.log(`${index + 1} ${fault.name}, ${side}: ${ending.seconds} s: ${ending.lines.join(' / ')}`);
  }
}

async function endingOf(side: Side, fault: (typeof publicFaults)[number]): Promise<Ending> {
  const ended: Ending[] = [];
  await withNode(
    async (lab, node) => {
      await prepare(lab, node, fault);
      const start = performance.now();
      const { code, stderr } = await node.exec(['kubeadm', 'init', '--config', configFile], {
        timeoutMs: 600_000,
      });
      const seconds = Math.round((performance.now() - start) / 100) / 10;
      if (code === 0) throw new Error(`${fault.name}: kubeadm init of ${side} succeeded`);
      ended.push({ seconds, lines: side === 'ours' ? firstLine(stderr) : lastLines(stderr) });
    },
    { nodes: [{ name: nodeName, kubeadm: programs[side] }] },
  );
  const [ending] = ended;
  if (ending === undefined) throw new Error(`${fault.name}: no result`);
  return ending;
}

/** This kubeadm has the cause in the first line of the error. */
function firstLine(output: string): readonly string[] {
  return errorIn(output).split('\n').slice(0, 1).map(shortened);
}

/** Upstream has its error at the end, after warnings, and before a hint about `--v=5`. */
function lastLines(output: string): readonly string[] {
  const lines = output
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('To see the stack'));
  const begin = lines.findLastIndex((line) => line.startsWith('error'));
  return lines.slice(begin).slice(-3).map(shortened);
}

function shortened(line: string): string {
  return line.length > longestLine ? `${line.slice(0, longestLine)}…` : line;
}

/** Reads the file again before each write, because another process can measure another fault. */
function save(name: string, side: Side, ending: Ending): void {
  const times: FaultTimes = JSON.parse(readFileSync(file, 'utf8'));
  const all = publicFaults.map((fault) => {
    const before = times.find((one) => one.name === fault.name) ?? { name: fault.name };
    return fault.name === name ? { ...before, [side]: ending } : before;
  });
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`);
}
