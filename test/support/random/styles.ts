/** The ways in which people write the same data as YAML. */
import fc from 'fast-check';

/** Writes a value in brackets as people do: on several lines, with less indentation than its key, and with tabs. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(',\n')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, field]) => `${key}: ${flow(field)}`)
      .join(',\n\t')}}`;
  }
  if (typeof value !== 'string') return String(value);
  return /^(?:[a-z]{3,}:?|-)$/.test(value) && !/^(?:yes|true|false|off|null)$/.test(value)
    ? value
    : JSON.stringify(value);
}

/** Writes a document whose fields are in brackets. */
export function toFlowOfFields(document: Readonly<Record<string, unknown>>): string {
  return Object.entries(document)
    .map(([key, value]) => `${key}: ${flow(value)}\n`)
    .join('');
}

/** Ends of lines that Go's parser accepts. */
export const lineEnd = fc.constantFrom('\r\n', '\n\n', ' # c\n', '\u0085\n', '\t\n');
