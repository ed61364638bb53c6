// A Refusal is an error answer of our server. Its message is one sentence for people, its
// code is for programs ("offline" if there was no answer).
export class Refusal extends Error {
  constructor(status, code, text, wait = 0) {
    super(text)
    this.status = status
    this.code = code
    this.wait = wait // s to wait before the next request, or 0
  }
}

const timeout = 20_000 // ms

// call sends a request to our server and returns its JSON, or throws a Refusal.
export async function call(method, path, body) {
  let answer, content
  try {
    answer = await fetch(path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      signal: AbortSignal.timeout(timeout),
    })
    content = await answer.text()
  } catch {
    throw new Refusal(0, "offline", "The server can’t be reached. Check your connection and try again.")
  }
  const data = parsed(content)
  if (answer.ok && (data || answer.status === 204)) return data
  const wait = Number(answer.headers.get("Retry-After")) || 0
  throw new Refusal(answer.status, data?.code ?? "unavailable", data?.text ?? "Something went wrong on the server. Please try again in a moment.", wait)
}

function parsed(content) {
  try { return JSON.parse(content) } catch { return null }
}
