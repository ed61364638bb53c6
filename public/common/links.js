const address = /\bhttps?:\/\/[^\s<>"'`\u200b-\u200f\u202a-\u202e\u2066-\u2069]+/gi
// Overrides make "gnp.exe" read "exe.png". Nobody needs them to write; the gentler
// bidi marks stay.
const overrides = /[\u202d\u202e]/g
const trailing = /[.,;:!?…'"»”’]+$/

// linked is raw text as nodes, with its web addresses clickable. It is built, never
// parsed: whatever a stranger texts stays text. Only http and https become links,
// and each shows where it leads by being written out in full.
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

// A sentence's full stop is not the address's, nor is a bracket it did not open.
function trimmed(url) {
  for (;;) {
    const next = url.replace(trailing, "")
    const closed = next.endsWith(")") && !next.includes("(") ? next.slice(0, -1) : next
    if (closed === url) return url
    url = closed
  }
}

// webAddress is text as an address that is safe to link to, or "".
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
