// cloneTemplate copies the <template> with this id. It returns the elements with data-part by
// name, the first element as root, and the whole copy as all.
export function cloneTemplate(id) {
  const content = document.getElementById(id).content.cloneNode(true)
  const parts = { root: content.firstElementChild, all: content }
  for (const part of content.querySelectorAll("[data-part]")) parts[part.dataset.part] = part
  return parts
}

// setIcon makes a <use> element show one of the shared icons.
export function setIcon(use, name) {
  const href = "/public/common/icons.svg#" + name
  if (use.getAttribute("href") !== href) use.setAttribute("href", href)
}

// reveal shows element with these words, written to inside, or hides it for "".
export function reveal(element, words, inside = element) {
  element.hidden = !words
  if (inside.textContent !== (words ?? "")) inside.textContent = words ?? ""
}
