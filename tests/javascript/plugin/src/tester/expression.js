// Regular expressions, as the contract's other testers take them.

/** Nobody reads a longer one. */
const MAX_CHARS = 1000;
/** What JavaScript has and engines that promise linear time have not. */
const BACKWARD = /\\[1-9]|\\k<|\(\?<?[=!]/;

/** @throws {SyntaxError} */
export function expression(source) {
  if (source.length > MAX_CHARS) throw new SyntaxError(`it has more than ${MAX_CHARS} characters`);
  if (BACKWARD.test(source)) throw new SyntaxError("it looks around or back, which not every tester can");
  const ignoresCase = source.startsWith("(?i)");
  return new RegExp(ignoresCase ? source.slice("(?i)".length) : source, ignoresCase ? "iu" : "u");
}
