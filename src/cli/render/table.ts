import { textWidth } from '../../lib/text-width.ts';

/**
 * Rows in columns, the first one the headings: each column but the last as wide as its widest cell and three blanks, at
 * least ten. Source: text/tabwriter as kubeadm sets it up.
 */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(10, ...rows.map((row) => textWidth(row[column] ?? '') + 3)),
  );
  const last = widths.length - 1;
  const pad = (cell: string, column: number): string =>
    column === last ? cell : cell + ' '.repeat((widths[column] ?? 0) - textWidth(cell));
  return rows.map((row) => `${row.map(pad).join('')}\n`).join('');
}
