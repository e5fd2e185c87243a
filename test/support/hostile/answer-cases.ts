/** Servers whose answers are wrong, endless, or need much memory. */
import { gzipSync } from 'node:zlib';

import { clusterInfoWithText } from '../../../src/discovery/discovery.fixture.ts';
import { type Answer, endless, headOf, whole } from './servers.ts';
import { type Cases, token, type World } from './world.ts';

const always = (answer: Answer) => (): Answer => answer;
const text =
  (bytes: string): Answer =>
  (socket) =>
    void socket.write(bytes);
const chunked = headOf('200 OK', { 'Transfer-Encoding': 'chunked' });
const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n';
const large = 'x'.repeat(65_536);

export function wrongAnswerCases({ elsewhere }: World): Cases {
  const Location = `https://127.0.0.1:${elsewhere.port}/`;
  const unauthorized = whole('{"kind":"Status","code":401}', '401 Unauthorized');
  const half = headOf('200 OK', { 'Content-Length': 100 });
  return {
    'a page': { outcome: 'not-an-api-server', answer: always(whole('<html></html>')) },
    'no HTTP': { outcome: 'not-an-api-server', answer: always(text('220 mail.example.com ESMTP\r\n')) },
    'two lengths': {
      outcome: 'not-an-api-server',
      answer: always(whole('{}', '200 OK', { 'content-length': 1 })),
    },
    'a protocol switch': { outcome: 'not-an-api-server', answer: always(text(switching)) },
    'an empty answer': { outcome: 'connection-reset', answer: always((socket) => void socket.end()) },
    'half an answer': { outcome: 'connection-reset', answer: always((socket) => void socket.end(half)) },
    'no answer': { outcome: 'no-answer', answer: always(() => undefined), isSilent: true },
    'anonymous users refused': { outcome: 'unauthorized', answer: always(unauthorized) },
    'a redirect': { outcome: 'redirect', answer: always(whole('', '302 Found', { Location })) },
  };
}

export function endlessCases(): Cases {
  const chunk = `10000\r\n${large}\r\n`;
  const field = 'HTTP/1.1 200 OK\r\nX: ';
  return {
    'an endless answer': { outcome: 'answer-too-large', answer: always(endless(large)) },
    'an endless answer in chunks': {
      outcome: 'answer-too-large',
      answer: always(endless(chunk, { head: chunked })),
    },
    'an endless chunk extension': {
      outcome: 'connection-reset',
      answer: always(endless(large, { head: `${chunked}1;` })),
    },
    'an endless header': {
      outcome: 'not-an-api-server',
      answer: always(endless(large, { head: field })),
    },
    'endless headers': {
      outcome: 'not-an-api-server',
      answer: always(endless('X: y\r\n'.repeat(10_000), { head: 'HTTP/1.1 200 OK\r\n' })),
    },
    'endless provisional answers': {
      outcome: 'not-an-api-server',
      answer: always(endless('HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'.repeat(100), { head: '' })),
    },
    'an endless slow answer': {
      outcome: 'answer-too-slow',
      answer: always(endless(' ', { pauseMs: 20 })),
      isSilent: true,
    },
    'an endless slow header': {
      outcome: 'no-answer',
      answer: always(endless('x', { head: field, pauseMs: 20 })),
      isSilent: true,
    },
  };
}

export function largeValueCases(): Cases {
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
  const clusterInfo = (content: string): (() => Answer) =>
    always(whole(JSON.stringify(clusterInfoWithText(content, [token]))));
  return {
    'a gzip bomb': {
      outcome: 'not-an-api-server',
      answer: always(whole(bomb, '200 OK', { 'Content-Encoding': 'gzip' })),
    },
    'deep nesting without an end': {
      outcome: 'not-an-api-server',
      answer: always(whole('['.repeat(1_000_000))),
    },
    'deep nesting': {
      outcome: 'not-an-api-server',
      answer: always(whole(`${'['.repeat(500_000)}${']'.repeat(500_000)}`)),
    },
    'deep nesting in cluster-info': {
      outcome: 'kubeconfig-unusable',
      answer: clusterInfo('['.repeat(500_000)),
    },
    'aliases of aliases in cluster-info': {
      outcome: 'kubeconfig-unusable',
      answer: clusterInfo(aliasesOfAliases()),
    },
  };
}

/** A YAML text of a kilobyte with 10^10 values. */
function aliasesOfAliases(): string {
  const list = (item: string): string => `[${Array(10).fill(item).join(', ')}]`;
  const lines = Array.from(
    { length: 10 },
    (_, at) => `a${at}: &a${at} ${list(at === 0 ? 'x' : `*a${at - 1}`)}`,
  );
  return `${lines.join('\n')}\nclusters: *a9\n`;
}
