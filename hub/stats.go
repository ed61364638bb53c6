package hub

// Stats says how a hub is doing.
type Stats struct {
	Sockets, Rooms int // now
	Groups, People int // now, of the sockets that were introduced: each once
	Stale          int // rooms whose viewers have been told that they may be out of date
	Waiting        int // rooms that are to be looked at

	// Counted since the start.
	Looks, Failed uint64 // reads of the store, and those of them that failed
	Dropped       uint64 // sockets that fell behind
	Resyncs       uint64 // rooms found behind that nobody had hinted at
	Unheard       uint64 // events of other nodes that came faster than they were heeded
}

// Stats counts; it walks all rooms. Sentries, and rooms that only sentries look
// at, are left out.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	stats := Stats{
		Sockets: len(h.sockets), Waiting: h.waiting.len,
		Groups: len(h.guests[byGroup]), People: len(h.guests[byPerson]),
		Looks: h.looks.Load(), Failed: h.failed.Load(), Dropped: h.dropped.Load(),
		Resyncs: h.resyncs.Load(), Unheard: h.unheard.Load(),
	}
	for _, r := range h.rooms {
		if r.unseen() {
			continue
		}
		stats.Rooms++
		if r.stale {
			stats.Stale++
		}
	}
	return stats
}

// Rooms returns the names of the viewed rooms, for whoever has to poll them.
func (h *Hub) Rooms() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := make([]string, 0, len(h.rooms))
	for name := range h.rooms {
		names = append(names, name)
	}
	return names
}
