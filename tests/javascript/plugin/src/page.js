// One answer: its records become rows.

import { Unreadable, isWithin, key, row } from "./certificate.js";
import { Records } from "./records.js";

/** What a person needs to find a record whose id is none. */
const MAX_SUBJECT_CHARS = 100;

/** An answer under way. Its counts are certain when `end` did not throw. */
export class Page {
  #records = new Records();
  #window;
  #seen = new Set();
  counts = { pages: 1, rows: 0, rejected: 0, duplicates: 0, outside: 0 };

  /** @param {{ start: number, end: number } | undefined} window */
  constructor(window) {
    this.#window = window;
  }

  /** @returns The rows, and what could not become one, that a part of the answer completes. */
  feed(chunk) {
    const batch = { rows: [], rejected: [] };
    for (const record of this.#records.feed(chunk)) this.#take(record, batch);
    return batch;
  }

  end() {
    this.#records.end();
  }

  #take(record, { rows, rejected }) {
    let cells;
    try {
      cells = row(record);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      rejected.push({ subject: subject(record), reason: error.message });
      this.counts.rejected += 1;
      return;
    }
    if (this.#seen.has(key(cells))) {
      this.counts.duplicates += 1;
    } else if (this.#window && !isWithin(cells, this.#window)) {
      this.counts.outside += 1;
    } else {
      this.#seen.add(key(cells));
      rows.push(cells);
      this.counts.rows += 1;
    }
  }
}

/** The first of them that is a number or a text: anything else may not even have a text. */
function subject({ id, common_name: name }) {
  const it = [id, name].find((it) => typeof it === "number" || typeof it === "string") ?? "";
  return String(it).slice(0, MAX_SUBJECT_CHARS).toWellFormed();
}
