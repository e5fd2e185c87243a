import { readFileSync } from 'node:fs';
import { generate, generatedFile } from './generate.ts';

if (readFileSync(generatedFile, 'utf8') !== generate()) {
  console.error('src/releases/generated/1.36/object-types.ts differs: run tools/kubernetes-types/update.ts');
  process.exitCode = 1;
}
