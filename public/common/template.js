// stamp copies the <template> with this id and finds its parts: the elements
// that carry data-part, by name. The copy's root is parts.root.
export function stamp(id) {
  const content = document.getElementById(id).content.cloneNode(true)
  const parts = { root: content.firstElementChild, all: content }
  for (const part of content.querySelectorAll("[data-part]")) parts[part.dataset.part] = part
  return parts
}

// sign points a <use> at one of the shared icons.
export function sign(use, name) {
  const href = "/public/common/icons.svg#" + name
  if (use.getAttribute("href") !== href) use.setAttribute("href", href)
}

// reveal shows element with words in it, or hides it when there are none.
export function reveal(element, words, inside = element) {
  element.hidden = !words
  if (inside.textContent !== (words ?? "")) inside.textContent = words ?? ""
}
