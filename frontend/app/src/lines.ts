import type { Stream } from './bindings.gen.js';

/** KEPT is how many lines are kept: few enough to find something in. */
export const KEPT = 5000;

/** LONGEST is how many characters a line may have. A longer one continues in the next line. */
export const LONGEST = 4096;

/** Line is a line of a process's output. */
export interface Line {
  readonly stream: Stream;
  /** text has no line break. The last line of a stream may still grow. */
  readonly text: string;
}

interface Growing {
  stream: Stream;
  text: string;
}

/**
 * Lines splits the output of a process's two streams into lines, and keeps the last of them. A
 * piece without a final line break continues with the next piece of the same stream, even if the
 * other stream has written in between.
 */
export class Lines {
  readonly #limit: number;
  #kept: Growing[] = [];
  #dropped = 0;
  #open: Record<Stream, Growing | null> = { stdout: null, stderr: null };

  constructor(limit = KEPT) {
    this.#limit = limit;
  }

  /** kept are the last lines, the oldest first. */
  get kept(): readonly Line[] {
    return this.#kept;
  }

  /** dropped is the number of earlier lines that are not kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** add adds a piece of a stream's output. */
  add(stream: Stream, piece: string): void {
    const parts = piece.split('\n');
    const last = parts.length - 1;
    for (const [i, part] of parts.entries()) {
      if (i < last) {
        this.#append(stream, part);
        this.#end(stream);
      } else if (part !== '') {
        this.#append(stream, part);
      }
    }
    this.#drop();
  }

  #append(stream: Stream, part: string): void {
    let line = this.#open[stream] ?? this.#begin(stream, '');
    line.text = written(line.text + part);
    while (line.text.length > LONGEST) {
      const end = cut(line.text);
      const rest = line.text.slice(end);
      line.text = line.text.slice(0, end);
      line = this.#begin(stream, rest);
    }
  }

  #begin(stream: Stream, text: string): Growing {
    const line = { stream, text };
    this.#open[stream] = line;
    this.#kept.push(line);
    return line;
  }

  #end(stream: Stream): void {
    const line = this.#open[stream];
    if (line?.text.endsWith('\r')) {
      line.text = line.text.slice(0, -1);
    }
    this.#open[stream] = null;
  }

  #drop(): void {
    const excess = this.#kept.length - this.#limit;
    if (excess <= 0) {
      return;
    }
    for (const line of this.#kept.splice(0, excess)) {
      // The continuation of a dropped line becomes a line of its own.
      if (this.#open[line.stream] === line) {
        this.#open[line.stream] = null;
      }
    }
    this.#dropped += excess;
  }
}

/** written returns what a terminal would show: a carriage return starts the line anew. */
function written(text: string): string {
  const body = text.endsWith('\r') ? text.length - 1 : text.length;
  return text.slice(text.lastIndexOf('\r', body - 1) + 1);
}

/** cut returns where to split a line that is too long: not inside a surrogate pair. */
function cut(text: string): number {
  return /[\uD800-\uDBFF]/.test(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
}
