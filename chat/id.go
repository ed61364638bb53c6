package chat

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"sync"
	"time"
)

// Ids are opaque, unguessable and sorted by time, so that an index on them grows
// at one end. Each kind has its own type, so that the compiler tells them apart.
// The format is that of a monotonic ULID with lower-case letters.
type (
	ShopID         string
	LineID         string
	ShopperID      string
	ConversationID string
	EscalationID   string
	TicketID       string
	DeliveryID     string
	AttemptID      string
	MediaID        string
)

var ids struct {
	sync.Mutex
	last uint64
}

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID makes an id of 26 characters: 48 bits of Unix milliseconds, 16 bits that
// count within one, 64 random bits. Within a process each id sorts after those
// before it, even when the clock is set back.
func NewID[T ~string](at time.Time) T {
	var raw [16]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(err) // crypto/rand documents that this never happens
	}
	ids.Lock()
	now := uint64(max(at.UnixMilli(), 0)) << 16
	ids.last = max(ids.last+1, now)
	binary.BigEndian.PutUint64(raw[:8], ids.last)
	ids.Unlock()
	return T(encoding.EncodeToString(raw[:]))
}

// FirstID sorts before every id that NewID makes at that time or later, and after
// those made earlier.
func FirstID[T ~string](at time.Time) T {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(max(at.UnixMilli(), 0))<<16)
	return T(encoding.EncodeToString(raw[:]))
}
