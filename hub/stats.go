package hub

// Stats are a hub's gauges and counters.
type Stats struct {
	// Now.
	Sockets, Rooms int
	Groups, People int // of identified sockets, each counted once
	Stale          int // rooms that are stale
	Queued         int // rooms that wait to be read

	// Since the start.
	Reads, FailedReads uint64 // of the store
	Dropped            uint64 // sockets that fell behind
	Resyncs            uint64 // rooms found behind without a hint
	DroppedEvents      uint64 // events of other nodes that came faster than OnEvent took them
}

// Stats returns the current figures. It visits all rooms. Probes, and rooms that
// only probes view, are not counted.
func (h *Hub) Stats() Stats {
	h.mu.Lock()
	defer h.mu.Unlock()
	stats := Stats{
		Sockets: len(h.sockets), Queued: len(h.readQueue),
		Groups: len(h.groups), People: len(h.people),
		Reads: h.reads.Load(), FailedReads: h.failedReads.Load(), Dropped: h.dropped.Load(),
		Resyncs: h.resyncs.Load(), DroppedEvents: h.droppedEvents.Load(),
	}
	for _, r := range h.rooms {
		if r.onlyProbes() {
			continue
		}
		stats.Rooms++
		if r.stale {
			stats.Stale++
		}
	}
	return stats
}

// Rooms returns the names of the viewed rooms.
func (h *Hub) Rooms() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	names := make([]string, 0, len(h.rooms))
	for name := range h.rooms {
		names = append(names, name)
	}
	return names
}
