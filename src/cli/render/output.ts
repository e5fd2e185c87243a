/** The destinations of text. stdout gets progress, results and the prompt. stderr gets errors, findings and warnings. */
export interface Output {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** The rendered text of one event. */
export interface Rendered {
  readonly stream: 'stdout' | 'stderr';
  /** Whole lines, each with its newline. */
  readonly text: string;
}
