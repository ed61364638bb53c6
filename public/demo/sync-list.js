const kept = new WeakMap() // by list: Map of key to row

// keep makes a list's children those of items, in their order. A row stays the
// same element for as long as its key is there: make() builds one, as an object
// with its element in .element and show(item, index).
export function keep(list, items, keyOf, make) {
  const before = kept.get(list) ?? new Map()
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
  kept.set(list, now)
  // Moving an element takes the focus from it.
  if (focused !== document.activeElement && list.contains(focused)) focused.focus({ preventScroll: true })
}
