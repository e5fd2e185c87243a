import { KubeadmError, messageOf, usageError } from '../../errors.ts';
import { goQuote } from '../../lib/go/quote.ts';
import { executeTemplate } from '../../lib/go/template/execute.ts';
import { parseTemplate } from '../../lib/go/template/parse.ts';
import { goValue } from '../../lib/go/value.ts';
import {
  findJsonPath,
  JsonPathError,
  parseJsonPath,
  printJson,
  printValues,
} from '../../lib/json-path/index.ts';

/** The options of `jsonpath` and `go-template`. */
export interface TemplateOptions {
  /** Whether a field or key that the data does not have is an error. */
  readonly failOnMissingKey: boolean;
}

/**
 * Returns a function that prints an object with a template of Go.
 *
 * @throws KubeadmError code `usage` with the line of the mistake
 */
export function goTemplateFormat(template: string, options: TemplateOptions): (object: object) => string {
  const parsed = attempt(
    () => parseTemplate('output', template),
    (error) =>
      usageError(
        `could not construct output printer: error parsing template ${template}, ${messageOf(error)}`,
      ),
  );
  return (object) =>
    attempt(
      () => executeTemplate(parsed, goValue(object), options),
      (error) => notExecuted(`error executing template ${goQuote(template)}: ${messageOf(error)}`, object),
    );
}

/**
 * Returns a function that prints an object with a JSONPath template.
 *
 * @throws KubeadmError code `usage` with the place of the mistake
 */
export function jsonPathFormat(
  template: string,
  { asJson, ...options }: TemplateOptions & { readonly asJson: boolean },
): (object: object) => string {
  const nodes = attempt(
    () => parseJsonPath(template),
    (error) => {
      const at = error instanceof JsonPathError ? (error.at ?? 0) : 0;
      return usageError(
        `could not construct output printer: error parsing jsonpath ${template}, ${messageOf(error)}`,
        `The mistake is at character ${at + 1} of the template.`,
      );
    },
  );
  const print = asJson ? printJson : printValues;
  return (object) =>
    attempt(
      () => findJsonPath(nodes, object, options).map(print).join(''),
      (error) => {
        const message = `Error executing template: ${messageOf(error)}`;
        return notExecuted(`error executing jsonpath ${goQuote(template)}: ${message}`, object);
      },
    );
}

function attempt<Result>(work: () => Result, refusal: (error: unknown) => KubeadmError): Result {
  try {
    return work();
  } catch (error) {
    throw refusal(error);
  }
}

/** The values of the object can be secret, so only the names of its fields are shown. */
function notExecuted(message: string, object: object): KubeadmError {
  const fields = Object.keys(object).join(', ');
  return new KubeadmError('usage', message, { hint: `The object has the fields ${fields}.` });
}
