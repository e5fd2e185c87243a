import { createInterface } from 'node:readline';

import type { Prompt } from '../ports.ts';

export const nodePrompt: Prompt = {
  ask: async (question, signal) => {
    process.stdout.write(question);
    const lines = createInterface({ input: process.stdin, terminal: false });
    return await new Promise((resolve) => {
      lines.once('line', (line) => {
        resolve(line);
        lines.close();
        process.stdin.unref();
      });
      lines.once('close', () => {
        resolve(undefined);
        process.stdin.unref();
      });
      signal?.addEventListener('abort', () => lines.close(), { once: true });
      if (signal?.aborted === true) lines.close();
    });
  },
};
