/** Reads the types of src/events.ts and src/events. It knows the part of TypeScript's grammar for plain data and refuses the rest. */

export type EventType =
  | { readonly kind: 'string' | 'number' | 'boolean' | 'undefined' }
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'array'; readonly items: EventType }
  | { readonly kind: 'union'; readonly members: readonly EventType[] }
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'object'; readonly fields: readonly EventField[]; readonly comment?: string };

export interface EventField {
  readonly name: string;
  readonly optional: boolean;
  readonly type: EventType;
  readonly comment?: string;
}

type Token = { readonly text: string; readonly comment?: string };

const pattern =
  /\/\*\*([\s\S]*?)\*\/|\/\/[^\n]*|'((?:[^'\\]|\\.)*)'|[A-Za-z_$][\w$]*|=>|[{}[\]()|:;?,=<>]|\s+|./g;

function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  let comment: string | undefined;
  for (const [text, doc] of source.matchAll(pattern)) {
    if (doc !== undefined) comment = doc.replaceAll(/\s*\n\s*\*?\s*/g, ' ').trim();
    else if (!/^\s|^\/\//.test(text)) {
      found.push(comment === undefined ? { text } : { text, comment });
      comment = undefined;
    }
  }
  return found;
}

/** Every exported type alias and interface of plain data, by name, without function types. */
export function eventTypes(source: string): ReadonlyMap<string, EventType> {
  const list = tokens(source);
  let at = 0;
  const peek = (): string => list[at]?.text ?? '';
  const next = (): Token => list[at++] ?? { text: '' };
  const take = (text: string): boolean => (peek() === text ? Boolean(++at) : false);
  const expect = (text: string): void => {
    if (!take(text)) throw new Error(`events.ts: ${JSON.stringify(text)} expected at ${context()}`);
  };
  const context = (): string =>
    JSON.stringify(
      list
        .slice(at, at + 8)
        .map(({ text }) => text)
        .join(' '),
    );

  const object = (comment?: string): EventType => {
    const fields: EventField[] = [];
    while (!take('}')) {
      const doc = list[at]?.comment;
      take('readonly');
      const name = next().text;
      const optional = take('?');
      expect(':');
      const type = union();
      if (peek() !== '}') expect(';');
      fields.push({ name, optional, type, ...(doc === undefined ? {} : { comment: doc }) });
    }
    return { kind: 'object', fields, ...(comment === undefined ? {} : { comment }) };
  };
  const primary = (comment?: string): EventType => {
    take('readonly');
    const token = next();
    const text = token.text;
    let type: EventType;
    if (text === '{') type = object(comment ?? token.comment);
    else if (text === 'string' || text === 'number' || text === 'boolean' || text === 'undefined')
      type = { kind: text };
    else if (text.startsWith("'")) type = { kind: 'literal', value: text.slice(1, -1) };
    else if (/^[A-Z]\w*$/.test(text)) type = { kind: 'reference', name: text };
    else throw new Error(`events.ts: a type expected, not ${JSON.stringify(text)} before ${context()}`);
    while (take('[')) {
      expect(']');
      type = { kind: 'array', items: type };
    }
    return type;
  };
  const union = (): EventType => {
    const members: EventType[] = [];
    let comment = list[at]?.comment;
    if (!take('|')) comment = undefined;
    do {
      members.push(primary(comment));
      comment = list[at]?.comment;
    } while (take('|'));
    const [first] = members;
    return members.length === 1 && first !== undefined ? first : { kind: 'union', members };
  };

  const types = new Map<string, EventType>();
  while (at < list.length) {
    // A type of another file stays a reference.
    if (take('import')) {
      while (!take(';')) at++;
      continue;
    }
    expect('export');
    const keyword = next().text;
    const name = next().text;
    if (keyword === 'interface') {
      expect('{');
      types.set(name, object());
    } else if (keyword === 'type') {
      expect('=');
      if (peek() === '(') while (!take(';')) at++;
      else {
        types.set(name, union());
        expect(';');
      }
    } else throw new Error(`events.ts: a type or an interface expected, not ${keyword}`);
  }
  return types;
}

/** The types of all events, in the order of the union KubeadmEvent. */
export function eventsIn(types: ReadonlyMap<string, EventType>): readonly EventType[] {
  const members = (type: EventType): readonly EventType[] => {
    if (type.kind === 'union') return type.members.flatMap(members);
    return type.kind === 'reference' ? named(type.name) : [type];
  };
  const named = (name: string): readonly EventType[] => {
    const found = types.get(name);
    if (found === undefined) throw new Error(`events.ts has no type ${name}`);
    return members(found);
  };
  return named('KubeadmEvent');
}
