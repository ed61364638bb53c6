import { clock, moment } from "../common/calendar.js"
import { reveal, cloneTemplate } from "../common/template.js"
import { partsOf, setText } from "./parts.js"
import { chargeWords, dateWords, everyWords, moneyWords, orderWords, shown } from "./store-words.js"
import { syncList } from "./sync-list.js"

// <demo-store> shows a shopper's subscriptions and orders as the simulated vendors have
// them, what can happen to them, and the webhooks about it. Set .act to an async function
// that takes "ship", "deliver", "charge" or "fail" and the details; it may throw an Error
// with a sentence for people.
export class Store extends HTMLElement {
  #parts
  act

  connectedCallback() {
    if (this.#parts) return
    this.#parts = partsOf(this)
    this.addEventListener("click", ({ target }) => {
      const button = target.closest("button[data-act]")
      if (button) this.#try(button.dataset.act, Number(button.value))
    })
  }

  // show takes a phone and the newest webhooks.
  show({ name, store }, webhooks) {
    const { empty, subscribed, subscriptions, charge, due, failed, pay, decline, ordered, orders, sent, calls } = this.#parts
    this.setAttribute("aria-label", `${name} at the store`)
    const { subscriptions: active = [], orders: all = [], next, failed: unpaid } = store ?? {}
    empty.hidden = active.length + all.length > 0
    subscribed.hidden = !active.length
    syncList(subscriptions, active, s => s.id, () => new Subscription())
    const open = next ?? unpaid
    charge.hidden = !open
    reveal(failed, unpaid ? `The payment on ${dateWords(unpaid.on)} failed.` : "")
    reveal(due, next ? chargeWords(next) : "")
    setText(pay, next ? "Process the next charge" : "The retry succeeds")
    pay.value = decline.value = open?.id ?? 0
    decline.hidden = !next
    ordered.hidden = !all.length
    syncList(orders, all.toReversed(), o => o.id, () => new Order())
    sent.hidden = !webhooks.length
    syncList(calls, webhooks.toReversed(), w => w.id, () => new Webhook())
  }

  async #try(name, id) {
    const { problem } = this.#parts
    if (this.ariaBusy === "true") return
    this.ariaBusy = "true"
    reveal(problem, "")
    try {
      await this.act(name, { object: id })
    } catch (error) {
      reveal(problem, error.message)
    }
    this.ariaBusy = "false"
  }
}

class Subscription {
  #parts = cloneTemplate("store-subscription")
  get element() { return this.#parts.root }
  show({ product, quantity, every, unit, status }) {
    setText(this.#parts.product, shown(quantity, product))
    setText(this.#parts.words, [everyWords(every, unit), status === "active" ? "" : status].filter(Boolean).join(", "))
  }
}

class Order {
  #parts = cloneTemplate("store-order")
  get element() { return this.#parts.root }
  show(order) {
    const { name, words, act } = this.#parts
    setText(name, `${order.name} · ${dateWords(order.at)} · ${moneyWords(order.total, order.currency)}`)
    setText(words, orderWords(order))
    const step = order.status === "open" ? "ship" : order.status === "shipped" ? "deliver" : ""
    act.hidden = !step
    act.dataset.act = step
    act.value = order.id
    setText(act, step === "ship" ? "Ship the order" : step ? "Deliver it" : "")
  }
}

class Webhook {
  #parts = cloneTemplate("store-webhook")
  get element() { return this.#parts.root }
  show({ vendor, topic, status, problem, at }) {
    const { root, name, result, at: time } = this.#parts
    const when = new Date(at)
    root.toggleAttribute("data-bad", !!problem)
    root.title = problem || `Answered with ${status}`
    setText(name, `${vendor} ${topic}`)
    setText(result, status ? String(status) : "failed")
    time.dateTime = at
    time.title = moment(when)
    setText(time, clock(when))
  }
}

customElements.define("demo-store", Store)
