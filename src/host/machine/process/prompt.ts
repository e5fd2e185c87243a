import type { Prompt } from '../../../host.ts';
import { writeStandard } from './standard-streams.ts';

export const nodePrompt: Prompt = {
  ask: async (question, signal) => {
    writeStandard(1, question);
    const { createInterface } = await import('node:readline');
    const lines = createInterface({ input: process.stdin, terminal: false });
    const stop = (): void => lines.close();
    return await new Promise((resolve) => {
      let answer: string | undefined;
      lines.once('line', (line) => {
        answer = line;
        lines.close();
      });
      lines.once('close', () => {
        signal?.removeEventListener('abort', stop);
        // Only a stream that can stay open keeps the process alive. A file has no `unref`.
        if ('unref' in process.stdin) process.stdin.unref();
        resolve(answer);
      });
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted === true) lines.close();
    });
  },
};
