// initials returns one or two letters of a name, for an avatar.
export function initials(name) {
  const letters = name.trim().split(/\s+/).map(word => word.match(/\p{L}|\p{N}/u)?.[0]).filter(Boolean)
  return (letters.length > 1 ? letters[0] + letters.at(-1) : letters[0] ?? "").toLocaleUpperCase()
}

// phoneWords groups the digits of a North American number; others stay as they are.
export function phoneWords(e164) {
  const parts = /^\+1(\d{3})(\d{3})(\d{4})$/.exec(e164)
  return parts ? `+1 ${parts[1]} ${parts[2]} ${parts[3]}` : e164
}
