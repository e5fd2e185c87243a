/** Events that any part of a run can report. */
import type { WarningCode } from '../warnings.ts';

export type GeneralEvent =
  /** A warning on stderr. `code` is stable and warnings.md has its meaning. The text can change. */
  | {
      readonly type: 'warning';
      readonly code: WarningCode;
      /** The text in brackets before the message. */
      readonly topic?: string;
      readonly message: string;
    }
  /** The command line has a deprecated flag. The message goes to stderr unchanged. */
  | { readonly type: 'flag-deprecated'; readonly message: string }
  /** A detail on stderr, which is shown from `-v <verbosity>` on. */
  | {
      readonly type: 'detail';
      readonly verbosity: number;
      /** The text in brackets before the message. */
      readonly topic?: string;
      readonly message: string;
    }
  /** A progress line `[topic] message` on stdout, for lines without other data. */
  | { readonly type: 'progress'; readonly topic: string; readonly message: string }
  /** A result that goes to stdout unchanged, such as the YAML of a dry run. */
  | { readonly type: 'output'; readonly text: string }
  /** A wait begins. It ends after `timeoutMs` at the latest. */
  | { readonly type: 'waiting'; readonly topic: string; readonly for: string; readonly timeoutMs: number }
  | { readonly type: 'waited'; readonly topic: string; readonly for: string; readonly milliseconds: number };
