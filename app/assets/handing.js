// How an image is held and handed on: its lease, so that no two people get the same one, and its state in the queue.

import { Problem } from "./api.js";
import { named } from "./labelerapi.js";

/** @import { Holder, Queued } from "./labelerapi.js" */
/** @import { Session } from "./labelersession.js" */
/** @typedef {"done" | "reject" | "accept" | "return"} Handed */

const RENEW = 40_000; // milliseconds between renewals of a lease
const IDLE = 600_000; // without a hand on it for so long a lease is left to end
const AFTER = /** @type {const} */ ({ done: "done", reject: "rejected", accept: "accepted", return: "returned" });

export class Handing {
  /** @param {Session} session */
  constructor(session) {
    this.session = session;
    this.held = ""; // who holds the open sample, in words
    this.leased = false;
    this.renewing = setInterval(() => this.renew(), RENEW);
  }

  get api() {
    return this.session.api;
  }

  /** Hold a sample that was opened. @param {Queued} row @param {"lease" | "take_over"} [action] */
  async lease(row, action = "lease") {
    const { session, api } = this, { turn } = session;
    if (!api.queued) return;
    try {
      const told = await api.mark(row.id, action);
      if (turn !== session.turn) return;
      [this.leased, this.held] = [true, ""];
      session.queue.change(row.id, told.row);
    } catch (error) {
      if (turn !== session.turn) return;
      const who = holder(error);
      this.held = who ? `${named(who)} has this image open` : "";
    }
    session.on.changed();
  }

  /** Take the open sample from who holds it. */
  async takeOver() {
    if (this.session.row) await this.lease(this.session.row, "take_over");
  }

  /** A sample is left. @param {Queued} row */
  leave(row) {
    if (this.leased) this.tell(row, "release");
    [this.leased, this.held] = [false, ""];
  }

  /** The first change was made. @param {Queued} row */
  begun(row) {
    if (!this.api.queued || row.state === "draft" || row.state === "returned") return;
    this.session.queue.change(row.id, { state: "draft" });
    this.tell(row, "draft");
  }

  /** Hand the open sample on. @param {Handed} action @param {string} [comment] */
  mark(action, comment) {
    const { session, api } = this, { row } = session;
    if (!row || this.held) return false;
    const told = { ...(comment ? { comment } : {}), ...session.watch.take(), labels: session.made }, before = row.state;
    session.made = 0;
    if (!api.queued) return true;
    this.leased = false; // it ends with the state
    session.queue.change(row.id, { state: AFTER[action], comment: comment ?? null });
    session.on.changed();
    void api.mark(row.id, action, told).then((found) => {
      session.queue.change(row.id, found.row);
      void session.queue.progress();
      session.on.changed();
    }).catch((error) => {
      session.queue.change(row.id, { state: before });
      session.on.failed(error);
    });
    return true;
  }

  renew() {
    const { session } = this;
    if (session.row && this.leased && session.watch.rest < IDLE) this.tell(session.row, "renew");
  }

  /** @param {boolean} closing whether the page goes */
  end(closing) {
    const { row } = this.session;
    clearInterval(this.renewing);
    if (row && this.leased) void this.api.mark(row.id, "release", {}, closing).catch(() => {});
    this.leased = false;
  }

  /** @param {Queued} row @param {string} action */
  tell(row, action) {
    if (this.api.queued) void this.api.mark(row.id, action).catch(() => {});
  }
}

/** Who holds a sample, as a refusal says; "" for another error. @param {unknown} error */
function holder(error) {
  if (!(error instanceof Problem) || error.status !== 409) return "";
  const parts = /** @type {{holder?: Holder}} */ (/** @type {unknown} */ (error.parts));
  return parts.holder?.who ?? "somebody else";
}
