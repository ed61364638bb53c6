// partsOf finds what a piece of the page is made of: the elements below root that
// carry data-part, by name. What belongs to an element inside it is left to that.
export function partsOf(root) {
  const parts = { root }
  for (const part of root.querySelectorAll("[data-part]")) {
    if (owner(part) === owner(root, true)) parts[part.dataset.part] = part
  }
  return parts
}

function owner(element, itself = false) {
  let at = itself ? element : element.parentElement
  while (at && !at.localName.includes("-")) at = at.parentElement
  return at
}

// put sets an element's words, and leaves those that are right already alone:
// a live region would say them again.
export function put(element, words) {
  if (element.textContent !== words) element.textContent = words
}
