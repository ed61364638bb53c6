// People: who else looks at this conversation, and how that is said. A person is
// { id, name, typing }. A sentence comes in pieces, a name as { name }, so that
// each name can stand in a direction of its own.

const { compare } = new Intl.Collator()

// others are the people without the agent me, each once, in an order that stays.
export function others(people, me) {
  const each = new Map()
  for (const { id, name, typing } of people) {
    if (id !== me) each.set(id, { id, name: name || "A colleague", typing: !!typing || !!each.get(id)?.typing })
  }
  return [...each.values()].sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id))
}

// named are those of the others who are called by name: not all, where there are many.
export const named = people => people.length > 3 ? people.slice(0, 2) : people

export const hereWords = people => told(people, "is here too", "are here too")
export const typingWords = people => told(people.filter(p => p.typing), "is typing…", "are typing…")

// plain is a sentence as one string.
export const plain = sentence => sentence.map(piece => piece.name ?? piece).join("")

// spelled is a sentence as nodes.
export const spelled = sentence => sentence.map(piece => {
  if (!piece.name) return piece
  const name = document.createElement("bdi")
  name.className = "name"
  name.textContent = name.title = piece.name
  return name
})

function told(people, one, many) {
  if (!people.length) return []
  const list = named(people).map(({ name }) => ({ name }))
  if (list.length < people.length) list.push(`${people.length - list.length} others`)
  const joined = list.flatMap((piece, i) => [i === 0 ? "" : i === list.length - 1 ? " and " : ", ", piece])
  return [...joined.slice(1), " " + (people.length > 1 ? many : one)]
}
