import type { Stream } from './bindings.gen.js';

/** KEPT is how many lines are kept: what one can still find something in. */
export const KEPT = 5000;

/** LONGEST is how many characters a line may have; what is longer goes on in the next. */
export const LONGEST = 4096;

/** Line is one line of what a process has written. */
export interface Line {
  readonly stream: Stream;
  /** text has no line break; the last line of a stream may still grow. */
  readonly text: string;
}

interface Growing {
  stream: Stream;
  text: string;
}

/**
 * Lines makes lines of the pieces that come from a process's two streams, and keeps the last of them.
 * A piece that does not end with a line break is gone on with by the next of the same stream, also if
 * the other one has written meanwhile.
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

  /** dropped is how many lines came before those that are kept. */
  get dropped(): number {
    return this.#dropped;
  }

  /** add takes a piece of what was written. */
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
      // What goes on with a line that nobody sees any more is a line of its own.
      if (this.#open[line.stream] === line) {
        this.#open[line.stream] = null;
      }
    }
    this.#dropped += excess;
  }
}

/** written leaves what a terminal would show: a carriage return begins the line anew. */
function written(text: string): string {
  const body = text.endsWith('\r') ? text.length - 1 : text.length;
  return text.slice(text.lastIndexOf('\r', body - 1) + 1);
}

/** cut is where to cut a line that is too long: not within a character that takes two. */
function cut(text: string): number {
  return /[\uD800-\uDBFF]/.test(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
}
