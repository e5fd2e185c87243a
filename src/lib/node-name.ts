/** The name of the node on a host of that name, as the kubelet takes it: without blanks around it, in small letters. */
export function nodeNameOf(hostname: string): string {
  return hostname.trim().toLowerCase();
}
