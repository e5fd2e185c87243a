/** Fails if docs/reference or docs/troubleshooting.md differs from the output of tools/docs/update.ts. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { clone, guides, pages } from './pages.ts';

const folder = path.join(clone, 'docs/reference');
const wanted = await pages();
const there = existsSync(folder) ? readdirSync(folder) : [];
const read = (name: string): string => readFileSync(path.join(folder, name), 'utf8');
const wrongPages = [...new Set([...there, ...Object.keys(wanted)])].filter(
  (name) => !there.includes(name) || read(name) !== wanted[name],
);
const wrongGuides = Object.entries(guides()).filter(([name, text]) => {
  const file = path.join(clone, 'docs', name);
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
});
const wrong = [...wrongPages.map((name) => `reference/${name}`), ...wrongGuides.map(([name]) => name)];
for (const name of wrong) {
  console.error(`docs/${name} differs from the program: run node_modules/.bin/node tools/docs/update.ts`);
}
process.exitCode = wrong.length === 0 ? 0 : 1;
