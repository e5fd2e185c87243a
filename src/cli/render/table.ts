import { textWidth } from '../../lib/text-width.ts';

/**
 * Formats rows in columns. The first row has the headings. Each column except the last one is as wide as its widest cell
 * and three spaces, and at least ten characters. Source: text/tabwriter with the settings of kubeadm.
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
