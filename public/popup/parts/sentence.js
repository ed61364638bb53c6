// sentenceNodes returns a sentence of state/people.js as nodes, each name isolated from
// the text direction of the rest.
export const sentenceNodes = sentence => sentence.map(piece => {
  if (!piece.name) return piece
  const name = document.createElement("bdi")
  name.className = "name"
  name.textContent = name.title = piece.name
  return name
})
