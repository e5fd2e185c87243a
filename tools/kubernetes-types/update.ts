import { writeFileSync } from 'node:fs';
import { generate, generatedFile } from './generate.ts';

writeFileSync(generatedFile, generate());
