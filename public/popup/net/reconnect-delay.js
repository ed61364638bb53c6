const minDelay = 500, maxDelay = 30_000, restartDelay = 10_000 // ms

// reconnectDelay returns how many ms to wait before connecting again after a close
// with this code. attempt counts the tries since the last stable connection. The delay
// is random, so that a thousand pages do not return to a server in the same second.
export function reconnectDelay(code, attempt, random = Math.random) {
  if (code === 4001 && attempt === 0) return 0 // this page read too slowly; the server is fine
  if (code === 1012 && attempt === 0) return Math.round(random() * restartDelay) // the server restarts
  const ceiling = Math.min(maxDelay, 1000 * 2 ** Math.min(attempt, 10))
  return Math.round(minDelay + random() * (ceiling - minDelay))
}
