import { keep } from "./keep.js"
import { put } from "./parts.js"

const colour = /^#[0-9a-f]{3,8}$/i

// showTags lists a ticket's tags in their own colours.
export function showTags(list, tags) { keep(list, tags, t => t.name, () => new Tag()) }

export function showStatus(element, status) {
  put(element, status[0].toUpperCase() + status.slice(1))
  element.dataset.status = status
}

class Tag {
  element = document.createElement("span")
  constructor() { this.element.className = "label" }
  show({ name, color }) {
    put(this.element, name)
    if (colour.test(color)) this.element.style.setProperty("--label", color)
    else this.element.style.removeProperty("--label")
  }
}
