/** Classifies the failure of a pull. Runtimes report many registry errors as `unknown`; then the text decides. */
import { CriError } from '../../errors.ts';

const refusingCodes = ['not_found', 'unauthenticated', 'permission_denied', 'invalid_argument'];
const refusingTexts =
  /not found|(manifest|name) unknown|unauthorized|authorization failed|access denied|forbidden|invalid reference|no such host/i;
/** Texts of Go, and of the system's resolver. */
const unreachableTexts =
  /connection refused|is unreachable|no route to host|i\/o timeout|connection timed out|server misbehaving|name resolution|proxyconnect|x509:|HTTP response to HTTPS client|too ?many ?requests/i;
/** The runtime itself is gone, was stopped, or does not know the call. */
const runtimeCodes = ['unavailable', 'canceled', 'aborted', 'deadline_exceeded', 'unimplemented'];
const runtimeTexts = /context canceled|operation was canceled|dial unix/i;

/**
 * Whether another try gets the same answer: the image does not exist, access to it is denied, or the registry's name
 * does not resolve.
 */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof CriError)) return false;
  const { grpcCode, message } = error;
  return refusingCodes.includes(grpcCode) || refusingTexts.test(message);
}

/**
 * Whether the image is not available: the pull is refused, or no registry answers at its address. A runtime that does not
 * answer, a cancelled call and a failing registry (5xx) prove nothing about the image.
 */
export function isUnobtainable(error: unknown): boolean {
  if (!(error instanceof CriError) || runtimeCodes.includes(error.grpcCode)) return false;
  if (runtimeTexts.test(error.message)) return false;
  return isRefused(error) || unreachableTexts.test(error.message);
}
