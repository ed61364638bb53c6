const address = /\bhttps?:\/\/[^\s<>"'`\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/gi
// Bidi overrides make "gnp.exe" read "exe.png", and no language needs them. Other bidi
// marks stay.
const overrides = /[\u202d\u202e]/g
const trailing = /[.,;:!?…'"»”’]+$/

// linked returns raw text as nodes, with its http and https addresses as links whose text
// is the whole address. Nothing is parsed as HTML.
export function linked(raw) {
  const text = raw.replace(overrides, "")
  const nodes = []
  let from = 0
  for (const match of text.matchAll(address)) {
    const url = trimmed(match[0])
    const link = anchor(url)
    if (!link) continue
    if (match.index > from) nodes.push(text.slice(from, match.index))
    nodes.push(link)
    from = match.index + url.length
  }
  if (from < text.length) nodes.push(text.slice(from))
  return nodes
}

// trimmed cuts off punctuation that belongs to the sentence, and an unmatched bracket.
function trimmed(url) {
  for (;;) {
    const next = url.replace(trailing, "")
    const closed = next.endsWith(")") && !next.includes("(") ? next.slice(0, -1) : next
    if (closed === url) return url
    url = closed
  }
}

// webAddress returns text as an address that is safe to link to, or "".
export function webAddress(text) {
  if (!text || !URL.canParse(text)) return ""
  const { protocol, href } = new URL(text)
  return protocol === "http:" || protocol === "https:" ? href : ""
}

function anchor(text) {
  const href = webAddress(text)
  if (!href) return null
  const link = document.createElement("a")
  link.href = href
  link.target = "_blank"
  link.rel = "noopener noreferrer nofollow"
  link.dir = "ltr"
  link.textContent = text
  return link
}
