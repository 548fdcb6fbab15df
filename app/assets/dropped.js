// What was dropped: files, and those in folders, however deep.

const MOST = 200_000; // files of one drop

/**
 * `unread` counts files and folders that cannot be read, or are beyond the most that are taken.
 * @typedef {{files: File[], unread: number}} Found
 */

/**
 * All files of a drop.
 * @param {Pick<DataTransfer, "items" | "files">} dropped
 * @returns {Promise<Found>}
 */
export async function filesOf(dropped) {
  const entries = [...dropped.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  if (!entries.length) return { files: [...dropped.files], unread: 0 };
  /** @type {Found} */
  const found = { files: [], unread: 0 };
  for (const entry of entries) await walk(entry, found);
  return found;
}

/** @param {FileSystemEntry} entry @param {Found} found */
async function walk(entry, found) {
  try {
    if (found.files.length >= MOST) found.unread += 1;
    else if (isFile(entry)) found.files.push(await opened(entry));
    else if (isFolder(entry)) for (const inside of await listed(entry.createReader())) await walk(inside, found);
  } catch {
    found.unread += 1;
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function opened(entry) {
  return new Promise((done, failed) => entry.file(done, failed));
}

/** @param {FileSystemDirectoryReader} reader @returns {Promise<FileSystemEntry[]>} */
async function listed(reader) {
  /** @type {FileSystemEntry[]} */
  const found = [];
  for (;;) { // a reader gives some hundred at a time, then none
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!some.length) return found;
    found.push(...some);
  }
}

/** @param {FileSystemEntry} entry @returns {entry is FileSystemFileEntry} */
function isFile(entry) {
  return entry.isFile;
}

/** @param {FileSystemEntry} entry @returns {entry is FileSystemDirectoryEntry} */
function isFolder(entry) {
  return entry.isDirectory;
}
