const rowsOf = new WeakMap() // by list: Map of key to row

// syncList makes a list's children match items, in their order. A row stays the same
// element as long as an item has its key. make(item) returns a row: an object with
// .element and .show(item, index).
export function syncList(list, items, keyOf, make) {
  const before = rowsOf.get(list) ?? new Map()
  const now = new Map()
  const focused = document.activeElement
  items.forEach((item, i) => {
    const key = keyOf(item)
    const row = before.get(key) ?? make(item)
    now.set(key, row)
    row.show(item, i)
  })
  for (const [key, row] of before) if (!now.has(key)) row.element.remove()
  let i = 0
  for (const { element } of now.values()) {
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null)
    i++
  }
  rowsOf.set(list, now)
  // An element loses the focus when it is moved.
  if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true })
}
