/** Starts a server for each case. */
import { writeFile } from 'node:fs/promises';

import type { Discovery } from '../../../src/config/hub.ts';
import { endlessCases, largeValueCases, wrongAnswerCases } from './answer-cases.ts';
import { downloadCases, fileCases } from './file-cases.ts';
import { type Answer, serve } from './servers.ts';
import { certificateCases, clusterInfoCases } from './trust-cases.ts';
import { type Case, createWorld, secret, token, type World } from './world.ts';

export interface Attack {
  readonly name: string;
  /** The reason of the refusal, or `accepted`. */
  readonly outcome: string;
  readonly discovery: Discovery;
  /** `timeouts.discovery` for the test. */
  readonly timeoutMs: number;
  /** All that arrived at the server, and whether it is proved. */
  readonly received: () => string;
  readonly isProved: boolean;
}

export interface Attacks {
  readonly attacks: readonly Attack[];
  /** All that arrived at the server that redirects lead to. */
  readonly receivedElsewhere: () => string;
  /** PEM: the authority of the servers, which the machine must trust for downloads. */
  readonly authority: string;
  readonly close: () => void;
}

/** @param folder for the kubeconfig files */
export async function startAttacks(folder: string): Promise<Attacks> {
  const world = await createWorld();
  const cases = Object.entries({
    ...clusterInfoCases(world),
    ...certificateCases(world),
    ...wrongAnswerCases(world),
    ...endlessCases(),
    ...largeValueCases(),
    ...fileCases(world),
    ...downloadCases(world),
  });
  const closers = [world.elsewhere.close];
  const attacks = cases.map(async ([name, attack], index): Promise<Attack> => {
    let answer: Answer = () => undefined;
    const pair = attack.pair === undefined ? world.server : attack.pair;
    const server = await serve(pair ?? undefined, (socket, head) => answer(socket, head));
    closers.push(server.close);
    answer = attack.answer(`https://127.0.0.1:${server.port}`);
    return {
      name,
      outcome: attack.outcome,
      discovery: await discoveryOf(attack, {
        world,
        port: server.port,
        path: `${folder}/${index}.conf`,
      }),
      timeoutMs: attack.isSilent === true ? 6000 : 20_000,
      received: server.received,
      isProved: attack.isProved === true,
    };
  });
  return {
    attacks: await Promise.all(attacks),
    receivedElsewhere: world.elsewhere.received,
    authority: world.own.ca,
    close: () => {
      for (const each of closers) each();
    },
  };
}

interface Place {
  readonly world: World;
  readonly port: number;
  /** The path of the kubeconfig file of the case. */
  readonly path: string;
}

async function discoveryOf(attack: Case, { world, port, path }: Place): Promise<Discovery> {
  const endpoint = `127.0.0.1:${port}`;
  if (attack.isDownload === true) {
    return { file: { kubeConfigPath: `https://u:${secret}@${endpoint}/kubeconfig` }, tlsBootstrapToken: '' };
  }
  if (attack.file !== undefined) {
    await writeFile(path, JSON.stringify(attack.file(`https://${endpoint}`)), { mode: 0o600 });
    return { file: { kubeConfigPath: path }, tlsBootstrapToken: '' };
  }
  const bootstrapToken = {
    token,
    apiServerEndpoint: endpoint,
    caCertHashes: [world.pin],
    unsafeSkipCAVerification: false,
    ...attack.token,
  };
  return { bootstrapToken, tlsBootstrapToken: token };
}
