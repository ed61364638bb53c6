const place = "sidetext-bell"
const notes = [[880, 0], [1318.5, 0.13]] // Hz, and when, in s
const lasts = 0.9                        // s
const quiet = 3000                       // ms, for all windows together

// A Bell rings, in whoever's browser it was turned on, and not in ten windows of
// it at once. The choice is remembered where the browser allows it.
export class Bell {
  #chosen = false
  #sound = null

  get on() {
    try { return localStorage.getItem(place) === "on" } catch { return this.#chosen }
  }

  // turn turns it on, which can be heard, or off.
  turn(on) {
    this.#chosen = on
    try { on ? localStorage.setItem(place, "on") : localStorage.removeItem(place) } catch {} // so it holds for this window
    if (on) this.ring()
  }

  // ring rings once, if it is on. Where nobody has touched the page yet the
  // browser allows no sound, and would make up for it much too late.
  ring() {
    if (!this.on || !navigator.userActivation?.hasBeenActive) return
    if (!navigator.locks) return this.#play()
    navigator.locks.request(place, { ifAvailable: true }, lock => {
      if (!lock) return
      this.#play()
      return new Promise(over => setTimeout(over, quiet))
    })
  }

  #play() {
    const sound = this.#sound ??= new AudioContext()
    sound.resume().catch(() => {})
    for (const [pitch, after] of notes) {
      const from = sound.currentTime + after, to = from + lasts
      const tone = new OscillatorNode(sound, { frequency: pitch })
      const loudness = new GainNode(sound, { gain: 0 })
      loudness.gain.linearRampToValueAtTime(0.08, from + 0.01)
      loudness.gain.exponentialRampToValueAtTime(0.0001, to)
      tone.connect(loudness).connect(sound.destination)
      tone.start(from)
      tone.stop(to)
    }
  }
}
