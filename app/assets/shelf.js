// The shelf of the outbox in IndexedDB. Every tab has a name of its own; what a tab that is gone has left there is
// taken over by the next one. A tab lives as long as it holds a lock of its name; where a page has no locks (it is not
// served securely), it says every few seconds that it lives.

/** @import { Ground, Kept, Place, Shelf } from "./outbox.js" */

const NAME = "foveal-outbox", CHANGES = "changes", GROUNDS = "grounds";
const BEAT = 4000, DEAD = 90_000; // milliseconds; browsers slow the clocks of hidden tabs down to one beat a minute

/** Open the shelf, as a new tab. @returns {Promise<Shelf>} */
export async function shelf() {
  const database = await opened(), owner = name();
  await live(owner);
  return {
    owner,
    put: (changes, ground) => done(database, (stores) => {
      for (const one of changes) stores.changes.put(one);
      stores.grounds.put(keyed(ground));
    }),
    drop: (ids, place, ground) => done(database, (stores) => {
      for (const id of ids) stores.changes.delete(id);
      if (ground) stores.grounds.put(keyed(ground));
      else stores.grounds.delete(called({ ...place, owner }));
    }),
    left: () => left(database, owner),
  };
}

function name() {
  return [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(CHANGES, { keyPath: "id" });
      asked.result.createObjectStore(GROUNDS, { keyPath: "key" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error ?? new Error("no IndexedDB"));
  });
}

/**
 * One transaction over both stores.
 * @param {IDBDatabase} database @param {(stores: {changes: IDBObjectStore, grounds: IDBObjectStore}) => void} work
 * @returns {Promise<void>}
 */
function done(database, work) {
  return new Promise((resolve, reject) => {
    const made = database.transaction([CHANGES, GROUNDS], "readwrite", { durability: "strict" });
    made.oncomplete = () => resolve();
    made.onerror = made.onabort = () => reject(made.error ?? new Error("the browser stored nothing"));
    work({ changes: made.objectStore(CHANGES), grounds: made.objectStore(GROUNDS) });
  });
}

/** @param {IDBDatabase} database @returns {Promise<{changes: Kept[], grounds: (Ground & {key: string})[]}>} */
function all(database) {
  return new Promise((resolve, reject) => {
    const made = database.transaction([CHANGES, GROUNDS]);
    const changes = made.objectStore(CHANGES).getAll(), grounds = made.objectStore(GROUNDS).getAll();
    made.oncomplete = () => resolve({ changes: changes.result, grounds: grounds.result });
    made.onerror = () => reject(made.error ?? new Error("the browser read nothing"));
  });
}

/** @param {IDBDatabase} database @param {string} owner */
async function left(database, owner) {
  const found = await all(database);
  /** @type {{changes: Kept[], grounds: Ground[]}} */
  const taken = { changes: [], grounds: [] };
  for (const other of new Set(found.changes.map((one) => one.owner))) {
    if (other !== owner) await whenGone(other, () => take(database, owner, other, taken));
  }
  taken.changes.sort((one, two) => one.order - two.order);
  return taken;
}

/**
 * Make ours what another tab has left.
 * @param {IDBDatabase} database @param {string} owner @param {string} other
 * @param {{changes: Kept[], grounds: Ground[]}} taken
 */
async function take(database, owner, other, taken) {
  const found = await all(database);
  const changes = found.changes.filter((one) => one.owner === other).map((one) => ({ ...one, owner, tried: true }));
  const before = found.grounds.filter((one) => one.owner === other), grounds = before.map((one) => ({ ...one, owner }));
  await done(database, (stores) => {
    for (const one of changes) stores.changes.put(one);
    for (const one of before) stores.grounds.delete(one.key);
    for (const one of grounds) stores.grounds.put(keyed(one));
  });
  taken.changes.push(...changes);
  taken.grounds.push(...grounds.filter((one) => changes.some((change) =>
    change.dataset === one.dataset && change.sample === one.sample && change.field === one.field)));
}

/** @param {Ground} ground */
function keyed(ground) {
  return { ...ground, key: called(ground) };
}

/** @param {Place & {owner: string}} ground */
function called({ owner, dataset, sample, field }) {
  return JSON.stringify([owner, dataset, sample, field]);
}

/** @param {string} owner @returns {Promise<void>} */
function live(owner) {
  if (!navigator.locks) {
    const beat = () => localStorage.setItem(`${NAME}:${owner}`, String(Date.now()));
    beat();
    setInterval(beat, BEAT);
    addEventListener("pagehide", () => localStorage.removeItem(`${NAME}:${owner}`));
    return Promise.resolve();
  }
  return new Promise((resolve) => {
    void navigator.locks.request(`${NAME}:${owner}`, () => {
      resolve();
      return new Promise(() => {}); // until the tab is gone
    });
  });
}

/** @param {string} owner @param {() => Promise<void>} work */
async function whenGone(owner, work) {
  if (navigator.locks) {
    await navigator.locks.request(`${NAME}:${owner}`, { ifAvailable: true }, async (lock) => {
      if (lock) await work();
    });
  } else if (Date.now() - Number(localStorage.getItem(`${NAME}:${owner}`) ?? 0) > DEAD) await work();
}
