/** The node name for a host name, as the kubelet derives it: trimmed and in lower case. */
export function nodeNameOf(hostname: string): string {
  return hostname.trim().toLowerCase();
}
