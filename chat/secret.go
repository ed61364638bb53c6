package chat

import (
	"fmt"
	"io"
	"log/slog"
)

// Some values must never reach a log. They have their own types, which print as
// "(secret)" and "(phone)" with every verb and logger.
type (
	// A Secret is a vendor's key or token.
	Secret string
	// A Phone is a sender or receiver of texts: a number in E.164
	// ("+14155550100"), a short code ("72345") or an alphanumeric sender.
	Phone string
)

// Format instead of String: for verbs that are not meant for strings, fmt would
// print the underlying value.
func (Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, "(secret)") }
func (Secret) LogValue() slog.Value         { return slog.StringValue("(secret)") }
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Unlike a Secret, a Phone has no MarshalText: agents' pages get it as JSON.
func (Phone) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "(phone)") }
func (Phone) LogValue() slog.Value       { return slog.StringValue("(phone)") }

// Reachable reports whether the phone is an E.164 number and can be texted back,
// other than a short code or an alphanumeric sender.
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
