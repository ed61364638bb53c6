package chat

import (
	"fmt"
	"io"
	"log/slog"
)

// Some values must never reach a log. They are types of their own, and every
// way of printing them that a careless line could take says only what they are.
type (
	// A Secret is a vendor's key or token.
	Secret string
	// A Phone is a sender or receiver as a carrier names it: a number in E.164
	// ("+14155550100"), a short code ("72345") or an alphanumeric sender.
	Phone string
)

// Format rather than String: with a verb that is not meant for strings, fmt
// would print what the value is made of.
func (Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, "(secret)") }
func (Secret) LogValue() slog.Value         { return slog.StringValue("(secret)") }
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// A phone does go into what is shown to agents, as JSON.
func (Phone) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(phone)") }
func (Phone) LogValue() slog.Value       { return slog.StringValue("(phone)") }

// Reachable reports whether the phone is a number in E.164, one that can be
// texted back. Short codes and alphanumeric senders are not.
func (p Phone) Reachable() bool {
	if len(p) < 8 || len(p) > 16 || p[0] != '+' {
		return false
	}
	for _, c := range p[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
