/**
 * Go's parser allows 10,000 levels. The parser of this package fails at a few thousand, and needs seconds for them.
 */
const maximumDepth = 1000;

const [tab, blank, dash, question] = [9, 32, 45, 63];
const [openBracket, closeBracket, openBrace, closeBrace] = [91, 93, 123, 125];

/**
 * Returns the offset at which a YAML text is nested too deeply for the parser; undefined if it is not. Brackets in text
 * and comments count as well, but no text has a thousand that are not closed.
 */
export function tooDeepAt(text: string): number | undefined {
  let flow = 0;
  // The items that begin on one line, as in `- - ? -`.
  let block = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === blank || code === tab) continue;
    if (code === dash || code === question) {
      const next = text.charCodeAt(at + 1);
      block = next === blank || next === tab ? block + 1 : 0;
      if (block > maximumDepth) return at;
      continue;
    }
    block = 0;
    if (code === openBracket || code === openBrace) {
      flow += 1;
      if (flow > maximumDepth) return at;
    } else if (flow > 0 && (code === closeBracket || code === closeBrace)) {
      flow -= 1;
    }
  }
  return undefined;
}
