// The agents who have the conversation open, and the sentences about them. A person is
// { id, name, typing }. A sentence is a list of strings and { name } objects, so that
// each name can be shown with its own text direction.

const { compare } = new Intl.Collator()

// others returns the people without the agent me, each once, in a stable order.
export function others(people, me) {
  const each = new Map()
  for (const { id, name, typing } of people) {
    if (id !== me) each.set(id, { id, name: name || "A colleague", typing: !!typing || !!each.get(id)?.typing })
  }
  return [...each.values()].sort((a, b) => compare(a.name, b.name) || compare(a.id, b.id))
}

// named returns the people whom a sentence names: the first two if there are more than three.
export const named = people => people.length > 3 ? people.slice(0, 2) : people

export const hereSentence = people => sentence(people, "is here too", "are here too")
export const typingSentence = people => sentence(people.filter(p => p.typing), "is typing…", "are typing…")

// plainText returns a sentence as one string.
export const plainText = sentence => sentence.map(piece => piece.name ?? piece).join("")

function sentence(people, one, many) {
  if (!people.length) return []
  const list = named(people).map(({ name }) => ({ name }))
  if (list.length < people.length) list.push(`${people.length - list.length} others`)
  const joined = list.flatMap((piece, i) => [i === 0 ? "" : i === list.length - 1 ? " and " : ", ", piece])
  return [...joined.slice(1), " " + (people.length > 1 ? many : one)]
}
