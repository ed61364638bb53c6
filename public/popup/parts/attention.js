import { setIcon } from "../../common/template.js"

// Attention is the button that leads to texts that wait for a decision and are out of
// sight.
export class Attention {
  #scroller
  #button
  #icon
  #words
  #elements = []

  // goTo is called with the element to bring into view.
  constructor(scroller, { attention, "attention-sign": icon, "attention-words": words }, goTo) {
    this.#scroller = scroller
    this.#button = attention
    this.#icon = icon
    this.#words = words
    attention.addEventListener("click", () => goTo(this.#outOfSight()[0]))
  }

  // show takes the elements of the texts that wait, first to last.
  show(elements) {
    this.#elements = elements
    this.update()
  }

  // update is called whenever the elements may have moved.
  update() {
    const hidden = this.#outOfSight()
    this.#button.hidden = !hidden.length
    if (!hidden.length) return
    setIcon(this.#icon, hidden[0].getBoundingClientRect().top < this.#scroller.getBoundingClientRect().top ? "up" : "down")
    this.#words.textContent = hidden.length === 1 ? "1 text needs a decision" : `${hidden.length} texts need a decision`
  }

  #outOfSight() {
    if (!this.#elements.length) return []
    const { top, bottom } = this.#scroller.getBoundingClientRect()
    return this.#elements.filter(element => {
      const box = element.querySelector(".problem").getBoundingClientRect()
      return box.top < top || box.top > bottom - box.height / 2
    })
  }
}
