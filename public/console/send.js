import { Refusal } from "../common/api.js"

// send posts a form and returns the JSON answer, or throws a Refusal.
export async function send(path, body, signal) {
  let answer, content
  const timeout = AbortSignal.timeout(20_000)
  try {
    answer = await fetch(path, {
      method: "POST", body, cache: "no-store",
      headers: { Accept: "application/json" },
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
    content = await answer.text()
  } catch {
    throw new Refusal(0, "offline", "The server can’t be reached. Check your connection and try again.")
  }
  let data = null
  try { data = JSON.parse(content) } catch { /* empty, or not from our server */ }
  if (answer.ok) return data
  if (answer.status === 401) location.assign("/")
  throw new Refusal(answer.status, data?.code ?? "unavailable", data?.text ?? "Something went wrong on the server. Please try again in a moment.")
}
