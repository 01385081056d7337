// The objects of a JSON list, one by one, out of chunks of any size.

import { malformed } from "./problem.js";
import { decode } from "./utf8.js";

/** Longer than any certificate's record: what is kept of an answer is no more than this. */
const MAX_RECORD_BYTES = 1 << 20;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const isBlank = (byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** Splits one answer. Anything but a list of objects is `malformed`. */
export class Records {
  #state = "before";
  /** Brackets that are open in the object under way. */
  #depth = 0;
  #inText = false;
  #escaped = false;
  /** What came of the object under way in earlier chunks. */
  #pieces = [];
  #pieceBytes = 0;

  /**
   * @param {Uint8Array} chunk
   * @returns {object[]} The objects that are complete with it.
   */
  feed(chunk) {
    const records = [];
    let start = 0;
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#state !== "object") {
        if (this.#between(chunk[at])) start = at;
        continue;
      }
      if (this.#inText && !this.#escaped) {
        // Most of an answer is texts: on to what could end this one.
        at = pastPlain(chunk, at);
        if (at === chunk.length) break;
      }
      if (this.#within(chunk[at])) {
        records.push(this.#parse(chunk.subarray(start, at + 1)));
        this.#state = "more";
      }
    }
    if (this.#state === "object") this.#keep(chunk.slice(start));
    return records;
  }

  /** The answer is complete. */
  end() {
    if (this.#state === "before") throw malformed("the answer is empty, and should be a JSON list");
    if (this.#state !== "after") throw malformed("the answer ends in the middle of its list");
  }

  /** Whether an object begins with this byte. */
  #between(byte) {
    if (isBlank(byte)) return false;
    const next = {
      before: { [OPEN_LIST]: "first" },
      first: { [OPEN_OBJECT]: "object", [CLOSE_LIST]: "after" },
      next: { [OPEN_OBJECT]: "object" },
      more: { [COMMA]: "next", [CLOSE_LIST]: "after" },
      after: {},
    }[this.#state][byte];
    if (!next) throw malformed(`the answer is no JSON list of objects: it has ${shown(byte)} where none can be`);
    this.#state = next;
    if (next !== "object") return false;
    [this.#depth, this.#inText, this.#escaped] = [1, false, false];
    return true;
  }

  /** Whether the object ends with this byte. */
  #within(byte) {
    if (this.#inText) {
      if (this.#escaped) this.#escaped = false;
      else if (byte === BACKSLASH) this.#escaped = true;
      else if (byte === QUOTE) this.#inText = false;
      return false;
    }
    if (byte === QUOTE) this.#inText = true;
    else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#depth += 1;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#depth -= 1;
    return this.#depth === 0;
  }

  #keep(piece) {
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MAX_RECORD_BYTES) {
      throw malformed(`a record has more than ${MAX_RECORD_BYTES} bytes, and no certificate's has`);
    }
    this.#pieces.push(piece);
  }

  #parse(last) {
    let bytes = last;
    if (this.#pieces.length > 0) {
      this.#keep(last);
      bytes = new Uint8Array(this.#pieceBytes);
      let at = 0;
      for (const piece of this.#pieces) {
        bytes.set(piece, at);
        at += piece.length;
      }
      [this.#pieces, this.#pieceBytes] = [[], 0];
    }
    try {
      return JSON.parse(decode(bytes));
    } catch (error) {
      throw malformed(`a record is no JSON: ${error.message}`);
    }
  }
}

/** Where the next quote or backslash is, or the end. */
function pastPlain(chunk, from) {
  let at = from;
  while (at < chunk.length && chunk[at] !== QUOTE && chunk[at] !== BACKSLASH) at += 1;
  return at;
}

const shown = (byte) => (byte > 0x20 && byte < 0x7f ? `"${String.fromCharCode(byte)}"` : `the byte ${byte}`);
