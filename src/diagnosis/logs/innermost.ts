/** The frames that gRPC, containerd, runc and the kubelet put around the message that counts. */
const frames: readonly RegExp[] = [
  /^rpc error: code = \w+ desc = /,
  /^failed to (?:start|create|setup network for) (?:sandbox|container) "[0-9a-f]{64}": /,
  /^failed to "\w+" for ".*?" with \w+: \\*"/,
  /^failed to create containerd task: /,
  /^failed to create shim task: /,
  /^failed to create containerd container: /,
  /^failed to generate (?:container|sandbox container) spec: /,
  /^(?:OCI|CRI) runtime create failed: /,
  /^runc create failed: /,
  /^unable to start container process: /,
  /^error during container init: /,
  /^(?:Create|Run|Start)(?:Pod)?(?:Container|Sandbox)(?:Config)?Error: /,
];

/** Removes the frames of other programs from an error, so that the reason stands first. */
export function innermost(error: string): string {
  let rest = error;
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = frames.reduce((text, frame) => text.replace(frame, ''), rest);
  }
  return rest.replace(/\\*"$/, (end) => (/^[^"]*\\*"$/.test(rest) ? '' : end));
}
