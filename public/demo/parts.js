// partsOf returns the elements below root that have data-part, by name, and root itself.
// Parts of custom elements inside root are left out.
export function partsOf(root) {
  const parts = { root }
  for (const part of root.querySelectorAll("[data-part]")) {
    if (owner(part.parentElement) === owner(root)) parts[part.dataset.part] = part
  }
  return parts
}

// owner returns the closest custom element that is or contains element.
function owner(element) {
  let at = element
  while (at && !at.localName.includes("-")) at = at.parentElement
  return at
}

// setText sets an element's text if it is another one: screen readers announce a live
// region again when the same text is set.
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text
}
