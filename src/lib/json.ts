/** Creates a JSON number with all of its digits. TypeScript's library does not declare `JSON.rawJSON` yet. */
const { rawJSON } = JSON as typeof JSON & { readonly rawJSON: (text: string) => unknown };

/** Writes JSON in which a `bigint` is a number with all of its digits. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'bigint' ? rawJSON(String(field)) : field,
  );
}
