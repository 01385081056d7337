// UTF-8, which the engine in the component does not bring along.

/** Arguments of one call: engines have a limit, and it is not far above. */
const STEP = 4096;

/**
 * @param {Uint8Array} bytes
 * @throws {URIError} Where they are no UTF-8.
 */
export function decode(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += STEP) {
    text += String.fromCharCode(...bytes.subarray(at, at + STEP));
  }
  return /[\u0080-\u00ff]/.test(text) ? decodeURIComponent(text.replace(/[%\u0080-\u00ff]/g, percent)) : text;
}

const percent = (char) => `%${char.charCodeAt(0).toString(16).padStart(2, "0")}`;

/** @param {string} text Without lone halves of characters, as JSON is. */
export function encode(text) {
  const bytes = encodeURIComponent(text).match(/%..|[^%]/g) ?? [];
  return Uint8Array.from(bytes, (it) => (it.length > 1 ? Number.parseInt(it.slice(1), 16) : it.charCodeAt(0)));
}
