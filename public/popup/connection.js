import { pause } from "./pause.js"

const silence = 35_000   // no word for so long: the connection is dead, whatever it says
const doubt = 20_000     // after so long it may be: beats come every 15 s
const beatEvery = 25_000
const handshake = 10_000
const settledAfter = 10_000
const forGood = new Set([4400, 4401, 4404])

// A Connection keeps a WebSocket open, comes back by itself, and says at every
// moment how far the screen can be believed:
//
//   { is: "connecting" }          first time, or on the way back
//   { is: "live" }                heard from within the last seconds
//   { is: "doubtful" }            open, but what is shown may be out of date
//   { is: "waiting", until }      for the next try, ms since the epoch
//   { is: "closed", code }        4400, 4401, 4404, or 0: until open() is called
//
// Events: "status" (see .status), "up" (say "open" now), "frame" (detail: a
// frame), "turnedaway" (a try that did not even get to "up").
export class Connection extends EventTarget {
  #url
  #socket = null
  #timers = {}
  #attempt = 0
  #heard = 0
  #upSince = 0
  #wanted = false
  #watch = null
  status = { is: "closed", code: 0 }

  constructor(url) {
    super()
    this.#url = url
  }

  open() {
    if (!this.#wanted) this.#listen()
    this.#wanted = true
    this.#attempt = 0
    this.#dial()
  }

  close(code = 0) {
    this.#wanted = false
    this.#watch?.abort()
    this.#hangUp()
    this.#say({ is: "closed", code })
  }

  // now skips the wait for the next try.
  now() {
    if (this.status.is === "waiting") this.#dial()
  }

  // send returns whether the frame was handed to an open socket; that says
  // nothing about its arrival.
  send(frame) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify(frame))
    return true
  }

  #dial() {
    this.#hangUp()
    if (this.status.is !== "connecting") this.#say({ is: "connecting" })
    const socket = this.#socket = new WebSocket(this.#url)
    socket.onopen = () => {
      this.#upSince = Date.now()
      this.#hear()
      this.#timers.beat = setInterval(() => this.send({ type: "beat" }), beatEvery)
      this.dispatchEvent(new Event("up"))
    }
    socket.onmessage = event => this.#receive(event.data)
    socket.onclose = event => this.#lost(event.code)
    this.#timers.silence = setTimeout(() => this.#lost(0), handshake)
  }

  #receive(text) {
    let frame
    try { frame = JSON.parse(text) } catch { return this.#lost(0) }
    this.#hear()
    this.dispatchEvent(new CustomEvent("frame", { detail: frame }))
    // Only the answer to "open" makes a new connection live; then any word does.
    if (frame.type === "stale") this.#say({ is: "doubtful" })
    else if (frame.type === "opened" || (this.status.is === "doubtful" && (frame.type === "beat" || frame.type === "changed"))) this.#say({ is: "live" })
  }

  #hear() {
    this.#heard = Date.now()
    clearTimeout(this.#timers.silence)
    clearTimeout(this.#timers.doubt)
    this.#timers.silence = setTimeout(() => this.#lost(0), silence)
    this.#timers.doubt = setTimeout(() => this.#suspect(), doubt)
  }

  #suspect() {
    if (this.status.is === "live") this.#say({ is: "doubtful" })
  }

  #lost(code) {
    const lasted = this.#upSince ? Date.now() - this.#upSince : 0
    const wasUp = this.#upSince > 0
    this.#hangUp()
    if (forGood.has(code)) return this.close(code)
    if (lasted > settledAfter) this.#attempt = 0
    const wait = pause(code, this.#attempt++)
    if (wait === 0) return this.#dial()
    this.#say({ is: "waiting", until: Date.now() + wait })
    this.#timers.redial = setTimeout(() => this.#dial(), wait)
    if (!wasUp) this.dispatchEvent(new Event("turnedaway"))
  }

  #hangUp() {
    for (const timer of Object.values(this.#timers)) clearTimeout(timer)
    this.#timers = {}
    this.#upSince = 0
    const socket = this.#socket
    this.#socket = null
    if (!socket) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  #say(status) {
    if (status.is === this.status.is && status.is !== "waiting") return
    this.status = status
    this.dispatchEvent(new Event("status"))
  }

  // Timers sleep with the laptop and crawl in a hidden tab, so every return to
  // the page is a reason to look at the clock and to ask where the server is.
  #listen() {
    this.#watch = new AbortController()
    const { signal } = this.#watch
    const look = () => this.#look()
    document.addEventListener("visibilitychange", () => { if (!document.hidden) look() }, { signal })
    addEventListener("pageshow", look, { signal })
    addEventListener("online", look, { signal })
    addEventListener("offline", () => this.#suspect(), { signal })
  }

  #look() {
    if (this.status.is === "waiting") return this.#dial()
    if (this.#upSince === 0) return
    const quiet = Date.now() - this.#heard
    if (quiet > silence) return this.#dial()
    if (quiet > doubt) this.#suspect()
    this.dispatchEvent(new Event("resync"))
  }
}
