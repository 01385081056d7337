// Errors of the contract. What is thrown out of an exported function is the `error` of its result.

/**
 * @param {"denied" | "unlicensed" | "invalid" | "rejected" | "unavailable" | "malformed"} tag
 *   Which says what the host may do about it.
 * @param {string} message For a person: what happened.
 * @param {{ remedy?: string, code?: string, subject?: string }} [more]
 */
export function problem(tag, message, { remedy, code, subject } = {}) {
  return { tag, val: { message, remedy, code, subject } };
}

/** What the host asked for makes no sense. */
export const invalid = (message, more) => problem("invalid", message, more);

/** The answer is not what the source documents. */
export const malformed = (message, more) => problem("malformed", message, more);
