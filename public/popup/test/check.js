// The whole test kit: a check that throws, and a source of chance that repeats.

const form = value => JSON.stringify(value, (_, v) => v instanceof Map ? [...v] : v, 1)

export function check(what, got, want) {
  if (form(got) !== form(want)) throw new Error(`${what}: got ${form(got)}, want ${form(want)}`)
}

// chance returns functions that roll the same dice for the same seed.
export function chance(seed) {
  const next = () => { // mulberry32
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { odds: p => next() < p, below: n => Math.floor(next() * n), pick: list => list[Math.floor(next() * list.length)] }
}
