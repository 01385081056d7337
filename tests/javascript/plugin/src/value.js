// The values of cells. Whole numbers of 64 bits are BigInts on the contract's border.

export const absent = { tag: "absent" };
export const empty = { tag: "empty" };
export const text = (val) => ({ tag: "text", val });
export const integer = (val) => ({ tag: "integer", val: BigInt(val) });
export const boolean = (val) => ({ tag: "boolean", val });
/** @param {number} val Milliseconds since 1970. */
export const instant = (val) => ({ tag: "instant", val: BigInt(val) });
/** @param {number} val Seconds. */
export const duration = (val) => ({ tag: "duration", val: BigInt(val) });
export const texts = (val) => ({ tag: "texts", val });
