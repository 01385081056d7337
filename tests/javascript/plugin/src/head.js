// What the head of an answer says: go on, wait, or give up.

import { problem } from "./problem.js";

/** After that many pauses it is not going to work today. */
const MAX_ATTEMPTS = 6;
/** Where the source does not say how long to wait, so much longer each time. */
const BACK_OFF_SECONDS = 30;
/** The longest pause that is asked for, whatever the source says. */
const MAX_PAUSE_SECONDS = 3600;

/**
 * @param {{ status: number, headers: [string, string][] }} head
 * @param {number} attempts Pauses so far.
 * @returns The pause after which to ask again; `undefined` where the answer is to be read.
 * @throws Where there is no going on.
 */
export function judge(head, attempts) {
  const { status } = head;
  if (status === 200) return undefined;
  if (status === 429) return pause(head, attempts, "rate-limit", "the source takes no more requests for now");
  if ([502, 503, 504].includes(status)) {
    return pause(head, attempts, "maintenance", `the source is down or overloaded (HTTP ${status})`);
  }
  if (status === 401 || status === 403) {
    throw problem("denied", `the source does not let us in (HTTP ${status})`, {
      remedy: "check the user name and the password, and set sign-in to basic if it wants them",
    });
  }
  if (status >= 500) throw problem("unavailable", `the source failed (HTTP ${status})`, { remedy: "try again later" });
  throw problem("rejected", `the source refused the request (HTTP ${status})`, { remedy: "check the domain" });
}

function pause({ headers }, attempts, reason, message) {
  if (attempts >= MAX_ATTEMPTS) {
    throw problem("unavailable", `${message}, and ${attempts} pauses did not help`, { remedy: "try again later" });
  }
  const told = headers.find(([name]) => name === "retry-after")?.[1] ?? "";
  const seconds = /^\d{1,9}$/.test(told) ? Number(told) : BACK_OFF_SECONDS * (attempts + 1);
  return { seconds: Math.min(seconds, MAX_PAUSE_SECONDS), reason, connectionWide: true, message };
}
