import { syncList } from "./sync-list.js"
import { setText } from "./parts.js"

const colorPattern = /^#[0-9a-f]{3,8}$/i

// showTags lists a ticket's tags in their colors.
export function showTags(list, tags) { syncList(list, tags, t => t.name, () => new Tag()) }

export function showStatus(element, status) {
  setText(element, status[0].toUpperCase() + status.slice(1))
  element.dataset.status = status
}

class Tag {
  element = document.createElement("span")
  constructor() { this.element.className = "label" }
  show({ name, color }) {
    setText(this.element, name)
    if (colorPattern.test(color)) this.element.style.setProperty("--label", color)
    else this.element.style.removeProperty("--label")
  }
}
