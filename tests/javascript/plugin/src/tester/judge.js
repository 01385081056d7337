// What a row comes to. Conditions have three answers: true, false, and undefined where a value does
// not tell, because it is absent or of another kind than its field.

const tells = ({ tag }, kind) => tag === "empty" || tag === kind;

function ask(check, row) {
  const value = row[check.column];
  if (!tells(value, check.kind)) return undefined;
  if (check.other === undefined) return check.holds(value, check.operand);
  const other = row[check.other];
  return tells(other, check.kind) ? check.holds(value, other) : undefined;
}

/** False where any is, whatever the others; else undefined where any is. */
function all(checks, row) {
  const answers = checks.map((it) => ask(it, row));
  return answers.includes(false) ? false : answers.includes(undefined) ? undefined : true;
}

/** @returns {"pass" | "fail" | "inconclusive" | "not-applicable"} */
export function judge({ scope, cases }, row) {
  const counts = all(scope, row);
  if (counts === false) return "not-applicable";
  if (counts === undefined) return "inconclusive";
  const answers = cases.map((it) => all(it, row));
  return answers.includes(true) ? "pass" : answers.includes(undefined) ? "inconclusive" : "fail";
}

/**
 * The checks that a row which did not pass stumbled on: of the scope, where that cannot be told; else
 * the first of each case, a plain no before what cannot be told.
 */
export function stumbles({ scope, cases }, row) {
  const first = (checks, answer) => checks.find((it) => ask(it, row) === answer);
  const untold = first(scope, undefined);
  if (untold) return [untold];
  return cases.map((it) => first(it, false) ?? first(it, undefined)).filter((it) => it);
}
