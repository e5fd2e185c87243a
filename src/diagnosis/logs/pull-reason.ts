import { shortened } from './shortened.ts';

/** The frames that the kubelet and containerd put around the answer of a registry. */
const frames: readonly RegExp[] = [
  /^.*failed to get sandbox image "[^"]*": /,
  /^failed to pull image(?: "[^"]*": |$)/,
  /^failed to pull and unpack image "[^"]*": /,
  /^failed to resolve (?:reference|image) "[^"]*": /,
  /^failed to (?:do request|copy|resolve image|unpack image on snapshotter \w+): /,
  /^httpReadSeeker: failed open: /,
];
const longest = 200;

/** Why an image could not be pulled, as `: <reason>` for the end of a summary. Empty if the message has no reason. */
export function pullReason(message: string): string {
  let rest = message.trim();
  for (let before = ''; before !== rest; ) {
    before = rest;
    rest = frames.reduce((text, frame) => text.replace(frame, ''), rest);
  }
  return rest === '' ? '' : `: ${shortened(rest, longest)}`;
}
