package onboarding

import (
	"slices"
	"strings"

	"sidetext/chat"
	"sidetext/widget"
)

// A scope is a permission at a vendor. Any of its names will do.
type scope struct {
	names    []string
	why      string
	optional bool
}

// ScopeNames are the names of the scopes that a merchant grants us at a vendor.
func ScopeNames(v chat.Vendor) (names []string) {
	scopes := rechargeAccount{}.scopes()
	if v == chat.Shopify {
		scopes = shopifyAccount{}.scopes()
	}
	for _, s := range scopes {
		names = append(names, s.names[0])
	}
	return names
}

func (s scope) step() widget.Step {
	return widget.Step{ID: "scope/" + s.names[0], Name: "Scope " + s.names[0]}
}

// purpose is what the scope is good for, as a sentence.
func (s scope) purpose() string {
	why := strings.TrimSuffix(s.why, ".") + "."
	if !strings.HasPrefix(strings.ToLower(why), "to ") {
		return "To " + why
	}
	return strings.ToUpper(why[:1]) + why[1:]
}

// in reports whether s is one of the scopes that are granted. The permission to write
// something includes reading it, at both vendors.
func (s scope) in(granted []string) bool {
	return slices.ContainsFunc(s.names, func(name string) bool {
		what, reads := strings.CutPrefix(name, "read_")
		return slices.Contains(granted, name) || reads && slices.Contains(granted, "write_"+what)
	})
}

// checkScopes compares the scopes that are needed with those that are granted, each in
// a step of its own. where says where scopes are set. The error names all that are
// missing.
func checkScopes(list checklist, vendor chat.Vendor, needed []scope, granted []string, where func(names string) string) (notes []Note, err error) {
	var missing []string
	for _, s := range needed {
		step := s.step()
		_ = list.run(step.ID, step.Name, func() (stepResult, error) {
			switch {
			case s.in(granted):
				return stepResult{Detail: "Granted. " + s.purpose()}, nil
			case s.optional:
				notes = append(notes, Note{Minor: true, Text: "The scope " + s.names[0] + " is not granted. It is optional. " + s.purpose() + " " + where(s.names[0])})
				return stepResult{Warned: true, Detail: "Not granted, and optional. " + s.purpose(), Fix: where(s.names[0])}, nil
			}
			missing = append(missing, s.names[0])
			return stepResult{Fix: where(s.names[0])}, chat.Invalid("Not granted. " + s.purpose())
		})
	}
	if len(missing) == 0 {
		return notes, nil
	}
	which := "the scope " + missing[0]
	if len(missing) > 1 {
		which = "these scopes: " + strings.Join(missing, ", ")
	}
	text := vendor.Name() + " has not granted " + which + ". " + where(strings.Join(missing, ", "))
	return notes, &chat.SendError{Outcome: chat.Rejected, Problem: chat.Problem{Code: "scope", Text: text}, WholeAccount: true, Cause: errScope}
}
