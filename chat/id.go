package chat

import (
	"crypto/rand"
	"encoding/base32"
	"encoding/binary"
	"sync"
	"time"
)

// Ids are opaque, unguessable and grow with time, so that an index on them
// grows at one end. Each kind has its own type: a shop's id cannot be passed
// where a conversation's is asked for.
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

// NewID makes an id of 26 characters: 48 bits of milliseconds, 16 that count
// within one, 64 random. Within a process ids never go backwards, even when the
// clock does.
func NewID[T ~string](at time.Time) T {
	var raw [16]byte
	if _, err := rand.Read(raw[:]); err != nil {
		panic(err) // documented never to happen
	}
	ids.Lock()
	now := uint64(max(at.UnixMilli(), 0)) << 16
	ids.last = max(ids.last+1, now)
	binary.BigEndian.PutUint64(raw[:8], ids.last)
	ids.Unlock()
	return T(encoding.EncodeToString(raw[:]))
}

// FirstID comes before every id that NewID makes from then on, and after those
// that it made before.
func FirstID[T ~string](at time.Time) T {
	var raw [16]byte
	binary.BigEndian.PutUint64(raw[:8], uint64(max(at.UnixMilli(), 0))<<16)
	return T(encoding.EncodeToString(raw[:]))
}
