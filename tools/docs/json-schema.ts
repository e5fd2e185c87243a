/** Checks a value against a JSON schema. It knows the keywords of the schemas of this project and refuses others. */

type Schema = Readonly<Record<string, unknown>>;

const known = new Set([
  ...['$schema', '$comment', '$defs', '$ref', 'title', 'description', 'type'],
  ...['properties', 'required', 'additionalProperties', 'items', 'oneOf', 'const', 'enum'],
  ...['allOf', 'if', 'then', 'pattern', 'minimum', 'maximum'],
]);

/** The problems, one line each with the path; empty if the value fits. */
export function schemaErrors(
  value: unknown,
  schema: Schema,
  root: Schema = schema,
  path = '$',
): readonly string[] {
  const foreign = Object.keys(schema).filter((keyword) => !known.has(keyword));
  if (foreign.length > 0) throw new Error(`schema: unknown keywords ${foreign.join(', ')}`);
  if (typeof schema.$ref === 'string') return schemaErrors(value, definition(root, schema.$ref), root, path);
  if (Array.isArray(schema.oneOf))
    return oneOfErrors(value, schema.oneOf as readonly Schema[], { root, path });
  if ('const' in schema)
    return value === schema.const ? [] : [`${path}: not ${JSON.stringify(schema.const)}`];
  if (Array.isArray(schema.enum))
    return schema.enum.includes(value) ? [] : [`${path}: not one of ${schema.enum.join(', ')}`];
  const type = typeOf(value);
  const types = [schema.type].flat();
  const fits = types.includes(type) || (types.includes('integer') && Number.isInteger(value));
  if (!fits) return [`${path}: a ${type}, not a ${types.join(' or ')}`];
  const branches = (schema.allOf as readonly Branch[] | undefined) ?? [];
  const chosen = branches.filter((branch) => schemaErrors(value, branch.if, root, path).length === 0);
  const errors = chosen.flatMap((branch) => schemaErrors(value, branch.then, root, path));
  if (errors.length > 0) return errors;
  const outside = rangeErrors(value, schema, path);
  if (outside.length > 0) return outside;
  if (Array.isArray(value)) {
    return value.flatMap((item, index) =>
      schemaErrors(item, schema.items as Schema, root, `${path}[${index}]`),
    );
  }
  if (typeof value === 'object' && value !== null) return fieldErrors(value, schema, { root, path });
  return [];
}

interface Branch {
  readonly if: Schema;
  readonly then: Schema;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return value === null ? 'null' : typeof value;
}

function rangeErrors(value: unknown, schema: Schema, path: string): readonly string[] {
  const { maximum = Number.POSITIVE_INFINITY, minimum = Number.NEGATIVE_INFINITY, pattern = '' } = schema;
  if (typeof value === 'string' && !new RegExp(String(pattern), 'u').test(value))
    return [`${path}: does not match ${String(pattern)}`];
  const inRange = typeof value !== 'number' || (value >= Number(minimum) && value <= Number(maximum));
  return inRange ? [] : [`${path}: not from ${String(minimum)} to ${String(maximum)}`];
}

interface Place {
  readonly root: Schema;
  readonly path: string;
}

function definition(root: Schema, reference: string): Schema {
  const name = reference.replace('#/$defs/', '');
  const found = (root.$defs as Readonly<Record<string, Schema>> | undefined)?.[name];
  if (found === undefined) throw new Error(`schema: no definition ${reference}`);
  return found;
}

/** Reports the member with the type of the value, for a union of objects with a field `type`. */
function oneOfErrors(value: unknown, members: readonly Schema[], { path, root }: Place): readonly string[] {
  const results = members.map((member) => schemaErrors(value, member, root, path));
  const fitting = results.filter((errors) => errors.length === 0).length;
  if (fitting === 1) return [];
  if (fitting > 1) return [`${path}: fits ${fitting} members`];
  const near = results.find((errors) => !errors.some((error) => error.startsWith(`${path}.type:`)));
  return near ?? [`${path}: fits no member: ${JSON.stringify(value).slice(0, 200)}`];
}

function fieldErrors(value: object, schema: Schema, { path, root }: Place): readonly string[] {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, Schema>>;
  const other = schema.additionalProperties;
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const missing = ((schema.required ?? []) as readonly string[]).filter(
    (name) => !Object.hasOwn(fields, name),
  );
  return [
    ...missing.map((name) => `${path}.${name}: missing`),
    ...Object.entries(fields).flatMap(([name, field]) => {
      const own = Object.hasOwn(properties, name) ? properties[name] : undefined;
      const fieldSchema = own ?? (typeof other === 'object' ? (other as Schema) : undefined);
      if (fieldSchema !== undefined) return schemaErrors(field, fieldSchema, root, `${path}.${name}`);
      return other === false ? [`${path}.${name}: unknown`] : [];
    }),
  ];
}
