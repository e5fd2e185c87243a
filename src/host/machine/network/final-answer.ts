import type { ClientRequest } from 'node:http';

/** Far more than a proxy sends. */
const maximumProvisional = 10;

/**
 * Fails if the server does not give a final answer, but switches to another protocol or sends more and more provisional
 * answers (1xx).
 */
export function expectFinalAnswer(request: ClientRequest, fail: (error: Error) => void): void {
  let provisional = 0;
  request.on('information', () => {
    provisional += 1;
    if (provisional <= maximumProvisional) return;
    fail(protocolError(`the server sends more than ${maximumProvisional} provisional answers`));
    request.destroy();
  });
  // Without a listener, Node closes the connection and the request never ends.
  request.once('upgrade', (_response, socket) => {
    socket.destroy();
    fail(protocolError('the server switches to another protocol'));
  });
}

function protocolError(message: string): Error {
  return Object.assign(new Error(message), { code: 'EPROTO' });
}
