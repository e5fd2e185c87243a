/** Where text goes. stdout carries progress, results and the prompt; stderr errors, findings and warnings. */
export interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** Rendered text of one event. */
export interface Rendered {
  readonly stream: 'stdout' | 'stderr';
  /** Whole lines, each with its end. */
  readonly text: string;
}
