/** The events of a build as plain data. render.ts turns them into text. */

import type { SourceName } from './source.ts';

export type ComponentsEvent =
  /** Nothing is missing. */
  | { readonly type: 'complete'; readonly programs: number; readonly images: number }
  /** Comes before a build: the missing pieces, the number of all pieces, and the disk that they need. */
  | {
      readonly type: 'plan';
      readonly missing: readonly string[];
      readonly of: number;
      readonly needsMB: number;
      readonly freeMB: number;
      readonly cache: string;
      /** The source of the programs. */
      readonly source: SourceName;
      /** The reason for this source, if the user did not choose it. */
      readonly sourceReason: string | undefined;
    }
  | { readonly type: 'begin'; readonly step: Step }
  | { readonly type: 'note'; readonly step: Step; readonly line: string }
  | { readonly type: 'done'; readonly step: Step; readonly seconds: number }
  | { readonly type: 'packages'; readonly missing: readonly string[] }
  | { readonly type: 'packages-done'; readonly count: number; readonly seconds: number }
  /** Another build holds the lock. `holder` is its own description. */
  | { readonly type: 'waiting'; readonly holder: string; readonly path: string }
  | { readonly type: 'finished'; readonly built: number; readonly seconds: number };

/** `index` counts from 1. */
export interface Step {
  readonly kind: 'program' | 'image';
  readonly name: string;
  readonly version: string;
  readonly index: number;
  readonly total: number;
}

export type Report = (event: ComponentsEvent) => void;
