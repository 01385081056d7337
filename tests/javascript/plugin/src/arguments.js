// What a person set, checked against what the manifest asks for.

import { invalid } from "./problem.js";

/**
 * The values by name, defaults filled in. Anything unknown, missing, given twice, of another kind
 * or none of the choices is `invalid`.
 *
 * @param {string} what What one of them is called, such as `setting`.
 * @param {object[]} parameters Those of the manifest.
 * @param {{ name: string, value: { tag: string, val?: unknown } }[]} given
 * @returns {Map<string, unknown>}
 */
export function checked(what, parameters, given) {
  const values = new Map();
  for (const { name, value } of given) {
    const parameter = parameters.find((it) => it.name === name);
    if (!parameter) {
      const known = parameters.map((it) => it.name).join(", ") || "none";
      throw invalid(`there is no ${what} "${name}"; there is: ${known}`, { subject: name });
    }
    if (values.has(name)) {
      throw invalid(`the ${what} "${name}" is given twice`, { subject: name });
    }
    if (value.tag !== parameter.kind) {
      throw invalid(`the ${what} "${name}" takes a value of the kind ${parameter.kind}`, { subject: name });
    }
    const { choices } = parameter;
    if (choices.length > 0 && !choices.some((it) => it.value === value.val)) {
      const offered = choices.map((it) => it.value).join(", ");
      throw invalid(`the ${what} "${name}" is none of its choices: ${offered}`, { subject: name });
    }
    values.set(name, value.val);
  }
  for (const { name, required, default: usual, help } of parameters) {
    if (values.has(name)) continue;
    if (usual) values.set(name, usual.val);
    else if (required) throw invalid(`the ${what} "${name}" is missing: ${help}`, { subject: name });
  }
  return values;
}
