/** The configuration API as a JSON schema for editors, from the shapes that decode the documents. */
import { kubeadmGroup } from '../names.ts';
import type { ComponentTypes } from '../releases/release.ts';
import { type ComponentKind, componentApis, shapeOf } from './component/index.ts';
import type { Shape } from './reading/shape.ts';
import { kinds as kubeadmKinds } from './v1beta4/shapes.ts';

export type JsonSchema = Readonly<Record<string, unknown>>;

const kubeadmNames = Object.keys(kubeadmKinds) as readonly (keyof typeof kubeadmKinds)[];
const componentNames = Object.keys(componentApis) as readonly ComponentKind[];

/** The kinds that a configuration file can have. */
export const schemaKinds = [...kubeadmNames, ...componentNames] as const;

export type SchemaKind = (typeof schemaKinds)[number];

/**
 * Returns the JSON schema (draft 2020-12) of a document of one of these kinds. It refuses what reading the configuration
 * refuses: unknown fields and wrong types. The checks that need several fields or the machine are not in the schema, and
 * null stands for a field that is not set.
 *
 * @param types the types of the release whose components are configured
 */
export function configSchema(kinds: readonly SchemaKind[], types: ComponentTypes): JsonSchema {
  const definitions = kinds.map((kind) => [kind, documentSchema(kind, types)] as const);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Configuration of kubeadm: ${kinds.join(', ')}`,
    type: 'object',
    properties: { kind: { type: 'string', enum: kinds } },
    required: ['apiVersion', 'kind'],
    // With if and then, an editor shows the mistakes of the kind that the document has, and not those of all kinds.
    allOf: kinds.map((kind) => ({
      if: { type: 'object', properties: { kind: { const: kind } }, required: ['kind'] },
      // biome-ignore lint/suspicious/noThenProperty: it is a keyword of JSON schema, and the object is only printed
      then: { $ref: `#/$defs/${kind}` },
    })),
    $defs: Object.fromEntries(definitions),
  };
}

function documentSchema(kind: SchemaKind, types: ComponentTypes): JsonSchema {
  const isComponent = (name: SchemaKind): name is ComponentKind => Object.hasOwn(componentApis, name);
  const shape: Shape = isComponent(kind) ? shapeOf(kind, types) : kubeadmKinds[kind];
  const { properties, ...schema } = schemaOf(shape);
  const apiVersion = isComponent(kind) ? componentApis[kind] : `${kubeadmGroup}/v1beta4`;
  return {
    ...schema,
    type: 'object',
    properties: { ...(properties as JsonSchema), apiVersion: { const: apiVersion }, kind: { const: kind } },
  };
}

/** The texts that lib/go/duration.ts reads, such as 4m0s. */
const durationPattern =
  '^[-+]?(?:0|(?:(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$';
/** The texts that lib/quantity.ts reads, such as 64Mi. */
const quantityPattern =
  '^\\s*[-+]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:[eE][-+]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?\\s*$';
/** The texts that lib/go/time.ts reads, such as 2030-01-02T03:04:05Z. */
const timePattern =
  '^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[0-9]|[01][0-9]|2[0-3])(?::[0-5][0-9]){2}(?:[.,][0-9]+)?(?:Z|[-+][0-9]{2}:[0-9]{2})$';

const ranges: Readonly<Record<string, JsonSchema>> = {
  int32: { minimum: -(2 ** 31), maximum: 2 ** 31 - 1 },
  uint32: { minimum: 0, maximum: 2 ** 32 - 1 },
  int64: {},
};

function schemaOf(shape: Shape): JsonSchema {
  switch (shape.kind) {
    case 'bool':
      return { type: ['boolean', 'null'] };
    case 'string':
      return { type: ['string', 'null'] };
    case 'float':
      return { type: ['number', 'null'] };
    case 'int':
      return { type: ['integer', 'null'], ...ranges[shape.type] };
    case 'duration':
      return { type: ['string', 'null'], pattern: durationPattern };
    case 'durationText':
      return { type: shape.notNull ? 'string' : ['string', 'null'], pattern: durationPattern };
    case 'time':
      return { type: ['string', 'null'], pattern: timePattern };
    case 'quantity':
      return { type: ['string', 'number', 'null'], pattern: quantityPattern };
    case 'timeOrDuration':
      return { type: ['string', 'integer', 'null'], pattern: durationPattern };
    case 'list':
      return { type: ['array', 'null'], items: schemaOf(shape.of) };
    case 'map':
      return { type: ['object', 'null'], additionalProperties: schemaOf(shape.of) };
    case 'object': {
      const fields = Object.entries(shape.fields).map(([name, field]) => [name, schemaOf(field)] as const);
      return {
        type: ['object', 'null'],
        properties: Object.fromEntries(fields),
        additionalProperties: false,
      };
    }
  }
}
