import { setIcon, cloneTemplate } from "../../common/template.js"
import { fileWords } from "../state/words.js"

// Types that are shown as pictures. Anything else is a download and never opened within
// this page.
const pictureTypes = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"])

// A MediaItem is a picture or a file that came with a text. A picture's frame has its
// size before the picture is loaded, so that nothing moves.
export class MediaItem {
  #parts = cloneTemplate("media-item")
  #shown = ""
  #address = ""

  constructor() {
    const { picture, retry } = this.#parts
    picture.addEventListener("load", () => this.#loaded())
    picture.addEventListener("error", () => this.#failed())
    retry.addEventListener("click", () => this.#load())
  }

  get element() { return this.#parts.root }

  // show takes one of an entry's media and the sender's name.
  show({ id, type, size, state, problem }, from) {
    const { root, open, picture, file } = this.#parts
    picture.alt = `Picture from ${from}`
    const key = [id, type, size, state, problem].join("\n")
    if (key === this.#shown) return
    this.#shown = key
    const framed = pictureTypes.has(type) || (type.startsWith("image/") && state !== "kept")
    root.dataset.state = state
    root.dataset.shape = framed ? "picture" : "file"
    this.#showWords(...fileWords({ type, size, state, problem }, framed))
    this.#address = state === "kept" ? "/api/media/" + encodeURIComponent(id) : ""
    open.hidden = !framed || !this.#address
    file.hidden = framed || !this.#address
    open.href = file.href = this.#address
    if (!open.hidden) this.#load()
  }

  #load() {
    const { open, picture, retry } = this.#parts
    retry.hidden = true
    open.hidden = false
    this.#showWords("picture", "Loading…")
    picture.src = this.#address
  }

  #loaded() {
    this.#parts.root.toggleAttribute("data-loaded", true)
    this.#parts.info.hidden = true
  }

  #failed() {
    const { open, retry } = this.#parts
    open.hidden = true
    retry.hidden = false
    this.#showWords("failed", "This picture couldn’t be loaded.")
  }

  #showWords(icon, text) {
    const { info, sign: use, words } = this.#parts
    info.hidden = false
    setIcon(use, icon)
    words.textContent = text
  }
}
