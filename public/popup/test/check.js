// The test kit: a check that throws, and random numbers that repeat.

const format = value => JSON.stringify(value, (_, v) => v instanceof Map ? [...v] : v, 1)

export function check(what, got, want) {
  if (format(got) !== format(want)) throw new Error(`${what}: got ${format(got)}, want ${format(want)}`)
}

// random returns functions whose results repeat for the same seed.
export function random(seed) {
  const next = () => { // mulberry32
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return { chance: p => next() < p, below: n => Math.floor(next() * n), pick: list => list[Math.floor(next() * list.length)] }
}
