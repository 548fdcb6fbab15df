// What the page says about saving, in a few words.

/** @import { Outbox } from "./outbox.js" */
/** @typedef {{kind: "saved" | "saving" | "offline" | "trouble" | "stuck", text: string, title: string}} Saving */

/** @param {Pick<Outbox, "count" | "offline" | "trouble" | "stuck">} outbox @returns {Saving} */
export function saving({ count, offline, trouble, stuck }) {
  const changes = `${count} change${count === 1 ? "" : "s"}`;
  if (stuck.length) {
    const refused = stuck.every((lane) => lane.refused), text = refused ? `refused, ${changes} kept here`
      : `two versions, ${changes} kept here`;
    return { kind: "stuck", text, title: "click to decide" };
  }
  if (offline && count) return { kind: "offline", text: `offline, ${changes} kept here`,
    title: "they are sent as soon as the server answers" };
  if (trouble) {
    const title = [trouble.error, trouble.action].filter(Boolean).join("; ");
    return { kind: "trouble", text: count ? `not saved yet, ${changes} kept here` : trouble.error, title };
  }
  if (count) return { kind: "saving", text: "saving\u2026", title: `${changes} on the way` };
  return { kind: "saved", text: "saved", title: "everything is stored, and in the journal" };
}
