/** The node name for a host name, as the kubelet makes it: without blanks around it, in small letters. */
export function nodeNameOf(hostname: string): string {
  return hostname.trim().toLowerCase();
}
