import { sign, stamp } from "../common/template.js"
import { fileWords } from "./words.js"

// What is shown as a picture. Anything else is offered as a file: it is never
// opened within this page.
const drawn = new Set(["image/jpeg", "image/png", "image/gif", "image/webp"])

// A Medium is a picture or file that came with a text. A picture has its room
// before it is there, so that nothing moves when it comes.
export class Medium {
  #parts = stamp("medium")
  #shown = ""
  #address = ""

  constructor() {
    const { picture, retry } = this.#parts
    picture.addEventListener("load", () => this.#loaded())
    picture.addEventListener("error", () => this.#missed())
    retry.addEventListener("click", () => this.#load())
  }

  get element() { return this.#parts.root }

  // show puts a medium of an entry on the element. from is who sent it.
  show({ id, type, size, state, problem }, from) {
    const { root, open, picture, file } = this.#parts
    picture.alt = `Picture from ${from}`
    const shown = [id, type, size, state, problem].join("\n")
    if (shown === this.#shown) return
    this.#shown = shown
    const framed = drawn.has(type) || (type.startsWith("image/") && state !== "kept")
    root.dataset.state = state
    root.dataset.shape = framed ? "picture" : "file"
    this.#say(...fileWords({ type, size, state, problem }, framed))
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
    this.#say("picture", "Loading…")
    picture.src = this.#address
  }

  #loaded() {
    this.#parts.root.toggleAttribute("data-loaded", true)
    this.#parts.told.hidden = true
  }

  #missed() {
    const { open, retry } = this.#parts
    open.hidden = true
    retry.hidden = false
    this.#say("failed", "This picture couldn’t be loaded.")
  }

  #say(icon, words) {
    const { told, sign: use, words: said } = this.#parts
    told.hidden = false
    sign(use, icon)
    said.textContent = words
  }
}
