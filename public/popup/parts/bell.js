const storageKey = "sidetext-bell"
const notes = [[880, 0], [1318.5, 0.13]] // frequency in Hz, start in s
const duration = 0.9                     // s
const quietTime = 3000                   // ms between two rings of all windows together

// A Bell rings if the agent has switched it on, in one window at a time. The choice is
// stored if the browser allows that.
export class Bell {
  #chosen = false
  #audio = null

  get on() {
    try { return localStorage.getItem(storageKey) === "on" } catch { return this.#chosen }
  }

  // switchTo turns the bell on, with a ring to listen to, or off.
  switchTo(on) {
    this.#chosen = on
    try { on ? localStorage.setItem(storageKey, "on") : localStorage.removeItem(storageKey) } catch {} // then for this window only
    if (on) this.ring()
  }

  // ring rings once, if the bell is on. Before the first click on the page browsers
  // allow no sound, and would play it later, when it means nothing.
  ring() {
    if (!this.on || !navigator.userActivation?.hasBeenActive) return
    if (!navigator.locks) return this.#play()
    navigator.locks.request(storageKey, { ifAvailable: true }, lock => {
      if (!lock) return
      this.#play()
      return new Promise(release => setTimeout(release, quietTime))
    })
  }

  #play() {
    const audio = this.#audio ??= new AudioContext()
    audio.resume().catch(() => {})
    for (const [frequency, after] of notes) {
      const start = audio.currentTime + after, end = start + duration
      const tone = new OscillatorNode(audio, { frequency })
      const volume = new GainNode(audio, { gain: 0 })
      volume.gain.linearRampToValueAtTime(0.08, start + 0.01)
      volume.gain.exponentialRampToValueAtTime(0.0001, end)
      tone.connect(volume).connect(audio.destination)
      tone.start(start)
      tone.stop(end)
    }
  }
}
