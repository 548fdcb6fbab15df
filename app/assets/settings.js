// FiftyOne's settings in the browser, set before it reads them.

/** @param {{data: Record<string, string>}} component */
export default function (component) {
  for (const [name, value] of Object.entries(component.data)) {
    if (localStorage.getItem(name) === null) localStorage.setItem(name, value);
  }
}
