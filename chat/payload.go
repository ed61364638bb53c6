package chat

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

// What each kind of delivery needs besides the fields that all have.
type (
	// SMSPayload names the text to send.
	SMSPayload struct {
		Entry int64 `json:"entry"`
	}
	// SyncPayload is empty: a sync reads the whole conversation.
	SyncPayload struct{}
	// CodePayload is the note with a sign-in code.
	CodePayload struct {
		Text string `json:"text"`
	}
	// NotePayload is an internal note.
	NotePayload struct {
		Text string `json:"text"`
	}
	// MessagePayload names the entry that a ticket lacks, and the name of its
	// message in the helpdesk.
	MessagePayload struct {
		Entry int64  `json:"entry"`
		Name  string `json:"name"`
	}
	// StatusPayload is empty: the delivery's id is the attempt's.
	StatusPayload struct{}
	// MediaPayload names the file to fetch and the text that it came with.
	MediaPayload struct {
		Entry int64   `json:"entry"`
		Media MediaID `json:"media"`
	}
	// EventsPayload is empty: all events of the shop are applied.
	EventsPayload struct{}
	// ReconcilePayload names the vendor whose lists are read.
	ReconcilePayload struct {
		Vendor Vendor `json:"vendor"`
	}
	// RefreshPayload names a Recharge customer, by Recharge's id.
	RefreshPayload struct {
		Customer string `json:"customer"`
	}
	// ConsentPayload is the consent to report, of the conversation's shopper.
	ConsentPayload struct {
		State ConsentState `json:"state"`
		At    time.Time    `json:"at"`
	}
)

func (p SMSPayload) valid() bool     { return p.Entry > 0 }
func (p MessagePayload) valid() bool { return p.Entry > 0 && p.Name != "" }
func (p MediaPayload) valid() bool   { return p.Entry > 0 && p.Media != "" }

func (p ReconcilePayload) valid() bool { return p.Vendor.Known() }
func (p RefreshPayload) valid() bool   { return p.Customer != "" }
func (p ConsentPayload) valid() bool   { return p.State == ConsentRevoked && !p.At.IsZero() }

// noEntry returns err, or an ErrPayload if err says that there is no such entry: a
// payload that names one can't have been written with its conversation.
func noEntry(err error, d Delivery) error {
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%w: %s payload: %w", ErrPayload, d.Kind, err)
	}
	return err
}

// ErrPayload says that a delivery can't be run because its kind or its payload is
// not understood: a newer version wrote it, or a person changed the row. It fails
// for good.
var ErrPayload = errors.New("chat: unreadable delivery")

// EncodePayload returns p as a Delivery's Payload.
func EncodePayload(p any) string {
	text, err := json.Marshal(p)
	if err != nil {
		panic(err) // our own structs can be encoded
	}
	return string(text)
}

// DecodePayload returns a delivery's payload. It is strict: a field that this
// version does not know may change what is to be done. The error wraps
// ErrPayload.
func DecodePayload[P any](d Delivery) (p P, err error) {
	if !d.Kind.declares(p) {
		return p, fmt.Errorf("%w: kind %q has no %T", ErrPayload, d.Kind, p)
	}
	from := json.NewDecoder(strings.NewReader(cmp.Or(d.Payload, "{}")))
	from.DisallowUnknownFields()
	if err := from.Decode(&p); err != nil {
		return p, fmt.Errorf("%w: %s payload: %w", ErrPayload, d.Kind, err)
	}
	if _, err := from.Token(); !errors.Is(err, io.EOF) {
		return p, fmt.Errorf("%w: %s payload: more than one value", ErrPayload, d.Kind)
	}
	if v, ok := any(p).(interface{ valid() bool }); ok && !v.valid() {
		return p, fmt.Errorf("%w: %s payload: a field is missing", ErrPayload, d.Kind)
	}
	return p, nil
}

// Decoded makes a handler of a function that takes the payload, too.
func Decoded[P any](run func(context.Context, Delivery, P) error) func(context.Context, Delivery) error {
	return func(ctx context.Context, d Delivery) error {
		p, err := DecodePayload[P](d)
		if err != nil {
			return err
		}
		return run(ctx, d, p)
	}
}
