import { Refusal } from "../common/api.js"

// send posts a form as the page's own forms do, and returns the JSON answer.
export async function send(path, body, signal) {
  let answer, content
  const late = AbortSignal.timeout(20_000)
  try {
    answer = await fetch(path, {
      method: "POST", body, cache: "no-store",
      headers: { Accept: "application/json" },
      signal: signal ? AbortSignal.any([signal, late]) : late,
    })
    content = await answer.text()
  } catch {
    throw new Refusal(0, "offline", "The server can’t be reached. Check your connection and try again.")
  }
  let data = null
  try { data = JSON.parse(content) } catch { /* an empty answer, or a stranger's */ }
  if (answer.ok) return data
  if (answer.status === 401) location.assign("/")
  throw new Refusal(answer.status, data?.code ?? "unavailable", data?.text ?? "Something went wrong on the server. Please try again in a moment.")
}
