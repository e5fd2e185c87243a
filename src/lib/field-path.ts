/** Writes `["apiServer", "extraArgs", 0, "name"]` as `apiServer.extraArgs[0].name`. */
export function pathText(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => (typeof step === 'number' ? `${text}[${step}]` : text === '' ? step : `${text}.${step}`),
    '',
  );
}

/** Reads `apiServer.extraArgs[0].name` as `["apiServer", "extraArgs", 0, "name"]`. */
export function parsePath(text: string): readonly (string | number)[] {
  return text
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
