import { reconnectDelay } from "./reconnect-delay.js"

// In ms.
const deadAfter = 35_000      // without a frame, the connection is given up
const staleAfter = 20_000     // without a frame, what is shown may be out of date; beats come every 15 s
const beatInterval = 25_000
const handshakeTimeout = 10_000
const stableAfter = 10_000    // the next delay starts small again

const finalCodes = new Set([4400, 4401, 4404])

// A Connection keeps a WebSocket open, reconnects automatically, and has a status that
// says how current the page is:
//
//   { is: "connecting" }          for the first time, or again
//   { is: "live" }                frames arrived within the last seconds
//   { is: "stale" }               open, but what is shown may be out of date
//   { is: "waiting", until }      for the next try, ms since the epoch
//   { is: "closed", code }        4400, 4401, 4404, or 0: until open() is called
//
// Events: "status" (see .status), "up" (send "open" now), "frame" (detail: a frame),
// "turnedaway" (a try that failed before "up").
export class Connection extends EventTarget {
  #url
  #socket = null
  #timers = {}
  #attempt = 0
  #lastFrameAt = 0
  #upSince = 0
  #wanted = false
  #listeners = null // an AbortController
  status = { is: "closed", code: 0 }

  constructor(url) {
    super()
    this.#url = url
  }

  open() {
    if (!this.#wanted) this.#listen()
    this.#wanted = true
    this.#attempt = 0
    this.#connect()
  }

  close(code = 0) {
    this.#wanted = false
    this.#listeners?.abort()
    this.#disconnect()
    this.#setStatus({ is: "closed", code })
  }

  // retryNow skips the wait for the next try.
  retryNow() {
    if (this.status.is === "waiting") this.#connect()
  }

  // send reports whether the frame was written to an open socket, which does not mean
  // that it arrives.
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  #connect() {
    this.#disconnect()
    if (this.status.is !== "connecting") this.#setStatus({ is: "connecting" })
    const socket = this.#socket = new WebSocket(this.#url)
    socket.onopen = () => {
      this.#upSince = Date.now()
      this.#restartTimers()
      this.#timers.beat = setInterval(() => this.send({ type: "beat" }), beatInterval)
      this.dispatchEvent(new Event("up"))
    }
    socket.onmessage = event => this.#receive(event.data)
    socket.onclose = event => this.#lost(event.code)
    this.#timers.dead = setTimeout(() => this.#lost(0), handshakeTimeout)
  }

  #receive(text) {
    let frame
    try { frame = JSON.parse(text) } catch { return this.#lost(0) }
    this.#restartTimers()
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }))
    // A new connection is live once "open" was answered; after "stale", a beat or a
    // change is enough.
    if (frame.type === "stale") this.#setStatus({ is: "stale" })
    else if (frame.type === "opened" || (this.status.is === "stale" && (frame.type === "beat" || frame.type === "changed"))) this.#setStatus({ is: "live" })
  }

  #restartTimers() {
    this.#lastFrameAt = Date.now()
    clearTimeout(this.#timers.dead)
    clearTimeout(this.#timers.stale)
    this.#timers.dead = setTimeout(() => this.#lost(0), deadAfter)
    this.#timers.stale = setTimeout(() => this.#markStale(), staleAfter)
  }

  #markStale() {
    if (this.status.is === "live") this.#setStatus({ is: "stale" })
  }

  #lost(code) {
    const lasted = this.#upSince ? Date.now() - this.#upSince : 0
    const wasUp = this.#upSince > 0
    this.#disconnect()
    if (finalCodes.has(code)) return this.close(code)
    if (lasted > stableAfter) this.#attempt = 0
    const delay = reconnectDelay(code, this.#attempt++)
    if (delay === 0) return this.#connect()
    this.#setStatus({ is: "waiting", until: Date.now() + delay })
    this.#timers.reconnect = setTimeout(() => this.#connect(), delay)
    if (!wasUp) this.dispatchEvent(new Event("turnedaway"))
  }

  #disconnect() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer)
    this.#timers = {}
    this.#upSince = 0
    const socket = this.#socket
    this.#socket = null
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #setStatus(status) {
    if (status.is === this.status.is && status.is !== "waiting") return
    this.status = status
    this.dispatchEvent(new Event("status"))
  }

  // Timers stop while the computer sleeps and are slow in a hidden tab, so the clock
  // is checked, and a resync requested, whenever the page is shown again.
  #listen() {
    this.#listeners = new AbortController()
    const { signal } = this.#listeners
    const check = () => this.#check()
    document.addEventListener("visibilitychange", () => { if (!document.hidden) check() }, { signal })
    addEventListener("pageshow", check, { signal })
    addEventListener("online", check, { signal })
    addEventListener("offline", () => this.#markStale(), { signal })
  }

  #check() {
    if (this.status.is === "waiting") return this.#connect()
    if (this.#upSince === 0) return
    const quiet = Date.now() - this.#lastFrameAt
    if (quiet > deadAfter) return this.#connect()
    if (quiet > staleAfter) this.#markStale()
    this.dispatchEvent(new Event("resync"))
  }
}
