// One collection: a request, its answer, the rows.

import { BASIC, ORIGIN, VERSION, readCriteria, readSettings } from "./catalog.js";
import { judge } from "./head.js";
import { Page } from "./page.js";
import { invalid } from "./problem.js";
import { decode, encode } from "./utf8.js";

/** What is certain: it changes when an answer is complete, and a checkpoint is this and nothing else. */
const beginning = { done: false, attempts: 0, counts: { pages: 0, rows: 0, rejected: 0, duplicates: 0, outside: 0 } };

/** The contract's `session`. */
export class Session {
  #job;
  #request;
  #progress = beginning;
  /** The answer under way. */
  #page;
  /** The pause that is asked for. */
  #pause;
  #failed = false;

  /** Begins, or goes on from the job's checkpoint. */
  static open(job) {
    const { tag, val: name } = job.task;
    if (tag === "operate") throw invalid(`there is no operation "${name}"`, { subject: name });
    if (name !== "certificates") {
      throw invalid(`there is no proof type "${name}"; there is: certificates`, { subject: name });
    }
    if (job.window && job.window.start >= job.window.end) {
      throw invalid("the window ends before it begins, or when it does");
    }
    return new Session(job);
  }

  constructor(job) {
    this.#job = job;
    this.#request = request(readSettings(job.settings), readCriteria(job.criteria));
    if (job.checkpoint) this.#progress = load(job);
  }

  /** What the session needs now. */
  next() {
    this.#expect(!this.#page, "asked for a step in the middle of an answer");
    if (this.#pause) return { tag: "wait", val: this.#pause };
    if (!this.#progress.done) return { tag: "send", val: this.#request };
    return { tag: "finished", val: summary(this.#progress.counts) };
  }

  /** The pause is over. */
  waited() {
    this.#pause = undefined;
  }

  /** The head of the answer. */
  accept(head) {
    this.#expect(!this.#page && !this.#pause && !this.#progress.done, "given an answer that it had not asked for");
    this.#guarded(() => {
      const pause = judge(head, this.#progress.attempts);
      this.#page = pause ? { pause } : new Page(this.#job.window);
    });
  }

  /** A part of its body. */
  feed(chunk) {
    this.#expect(this.#page, "given a body without a head");
    return this.#guarded(() => (this.#page.pause ? { rows: [], rejected: [] } : this.#page.feed(chunk)));
  }

  /** Its body is complete. */
  end() {
    this.#expect(this.#page, "told of the end of an answer without a head");
    return this.#guarded(() => {
      const { attempts } = this.#progress;
      if (this.#page.pause) {
        this.#pause = this.#page.pause;
        this.#progress = { ...this.#progress, attempts: attempts + 1 };
      } else {
        this.#page.end();
        this.#progress = { done: true, attempts, counts: this.#page.counts };
      }
      this.#page = undefined;
      return { rows: [], rejected: [] };
    });
  }

  /** The answer broke off: as if it had never begun. */
  interrupted() {
    this.#page = undefined;
  }

  /** Enough to go on from here. */
  checkpoint() {
    return encode(JSON.stringify({ work: work(this.#job), progress: this.#progress }));
  }

  #expect(so, how) {
    if (so && !this.#failed) return;
    const misused = this.#failed ? "used after an error" : how;
    this.#failed = true;
    throw invalid(`the session was ${misused}: this is a mistake of the host; open another session`);
  }

  #guarded(action) {
    try {
      return action();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}

function request(settings, criteria) {
  const query = [
    ["q", criteria.get("domain")],
    ["output", "json"],
  ];
  if (!criteria.get("expired")) query.push(["exclude", "expired"]);
  return {
    origin: ORIGIN,
    method: "get",
    path: "/",
    query,
    headers: [["accept", "application/json"]],
    body: { tag: "none" },
    auth: settings.get("sign-in") === BASIC ? BASIC : undefined,
    effect: { tag: "read" },
  };
}

const summary = ({ pages, rows, rejected, duplicates, outside }) => ({
  pages,
  rows,
  declared: undefined,
  rejected,
  duplicates,
  outsideWindow: outside,
  point: undefined,
  repeatedKeys: undefined,
  window: undefined,
  outcome: undefined,
  notes: [],
});

/** What a checkpoint is of: the job, and the plugin that did it. */
function work(job) {
  return JSON.stringify({ version: VERSION, job: { ...job, checkpoint: undefined } });
}

function load(job) {
  try {
    const saved = JSON.parse(decode(job.checkpoint));
    if (saved.work === work(job)) return saved.progress;
  } catch {
    // Not even one of ours.
  }
  throw invalid("the checkpoint is not of this job and this plugin", { remedy: "begin anew" });
}
