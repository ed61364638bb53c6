// How a CSV file is cut into pieces of whole records. The rules are those of the
// server's reader, byte for byte: a quotation mark opens a field only at its
// start, and one that should not be there spoils its record up to the line's end.
const start = 0, plain = 1, quoted = 2, closing = 3, spoilt = 4

// separator finds what separates a header's columns.
export function separator(text) {
  const counts = { ",": 0, ";": 0, "\t": 0 }
  let inside = false
  for (const c of text.replace(/^[\r\n]+/, "")) {
    if (c === '"') inside = !inside
    else if (c === "\n" && !inside) break
    else if (!inside && c in counts) counts[c]++
  }
  let best = ","
  for (const c of [";", "\t"]) if (counts[c] > counts[best]) best = c
  return best
}

// records goes through text record by record. Each is { from, to } in text, its
// size in UTF-8, at most, and the line it starts on, from 0.
export function* records(text, comma = separator(text)) {
  let state = start, from = 0, size = 0, line = 0, lines = 0
  for (let i = 0; i < text.length; i++) {
    const c = text[i]
    const code = text.charCodeAt(i)
    size += code < 0x80 ? 1 : code < 0x800 ? 2 : 3
    if (c === "\n") {
      lines++
      if (state !== quoted) {
        yield { from, to: i + 1, size, line }
        state = start, from = i + 1, size = 0, line = lines
      }
    } else if (state === spoilt) {
      // up to the line's end
    } else if (state === quoted) {
      if (c === '"') state = closing
    } else if (c === comma) {
      state = start
    } else if (state === closing) {
      if (c === '"') state = quoted
      else if (c !== "\r" || text[i + 1] !== "\n") state = spoilt
    } else if (c === '"') {
      state = state === start ? quoted : spoilt
    } else {
      state = plain
    }
  }
  if (from < text.length) yield { from, to: text.length, size, line }
}

// pieces cuts text into pieces of at most room bytes, each with the header
// again. offset is what to add to a piece's line numbers to get the file's; to
// is how much of the text is done with it. A record that fits into no piece
// comes alone, as { tooLong: its line in the file, from 1 }.
export function* pieces(text, room) {
  const all = records(text)
  let header = all.next().value // for … of would end the generator with it
  while (header && blank(text, header)) header = all.next().value
  if (!header) return
  const head = text.slice(header.from, header.to)
  const height = head.split("\n").length - 1
  let open = null
  const close = () => ({ text: head + text.slice(open.from, open.to), offset: open.line - height, to: open.to })
  for (const record of all) {
    if (open && open.size + record.size > room) {
      yield close()
      open = null
    }
    if (header.size + record.size > room) {
      yield { tooLong: record.line + 1, to: record.to }
      continue
    }
    open ??= { from: record.from, line: record.line, size: header.size }
    open.to = record.to
    open.size += record.size
  }
  if (open) yield close()
  else if (header.to === text.length) yield { text: head, offset: 0, to: header.to }
}

const blank = (text, record) => /^\r?\n?$/.test(text.slice(record.from, record.to))
