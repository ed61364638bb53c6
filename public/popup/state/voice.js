// voiceOf returns { voice, by }: how an entry is styled for the agent me, and the name
// shown above it.
export function voiceOf(entry, me, shopper) {
  if (entry.kind === "note") return { voice: "note", by: `Note${entry.by.name ? " by " + entry.by.name : ""}: only agents see this` }
  switch (entry.by.role) {
    case "shopper": return { voice: "shopper", by: shopper }
    case "automation": return { voice: "automation", by: "Automation" }
    case "agent": return entry.by.id && entry.by.id === me ? { voice: "agent", by: "You" } : { voice: "colleague", by: entry.by.name || "A colleague" }
    default: return { voice: "system", by: "Sidetext" }
  }
}
