/** Writes docs/reference and docs/troubleshooting.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { clone, guides, pages } from './pages.ts';

const folder = path.join(clone, 'docs/reference');
mkdirSync(folder, { recursive: true });
for (const [name, text] of Object.entries(await pages())) writeFileSync(path.join(folder, name), text);
for (const [name, text] of Object.entries(guides())) writeFileSync(path.join(clone, 'docs', name), text);
