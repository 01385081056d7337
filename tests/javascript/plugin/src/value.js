// The values of cells. Whole numbers are exact up to 2 ** 53, which no date and no count comes near.

export const absent = { tag: "absent" };
export const empty = { tag: "empty" };
/** Half a character, which JSON can spell and UTF-8 cannot, becomes a replacement character. */
export const text = (val) => ({ tag: "text", val: val.toWellFormed() });
export const integer = (val) => ({ tag: "integer", val });
export const boolean = (val) => ({ tag: "boolean", val });
/** @param {number} val Milliseconds since 1970. */
export const instant = (val) => ({ tag: "instant", val });
/** @param {number} val Seconds. */
export const duration = (val) => ({ tag: "duration", val });
export const texts = (val) => ({ tag: "texts", val: val.map((it) => it.toWellFormed()) });
