const least = 500, most = 30_000

// pause says how many milliseconds to wait before coming back after a close with
// this code. attempt counts the tries since things last went well. Full jitter:
// a thousand pages that lost the same server must not return in the same second.
export function pause(code, attempt, random = Math.random) {
  if (code === 4001 && attempt === 0) return 0 // we only fell behind
  if (code === 1012 && attempt === 0) return Math.round(random() * 10_000)
  const ceiling = Math.min(most, 1000 * 2 ** Math.min(attempt, 10))
  return Math.round(least + random() * (ceiling - least))
}
