package chat

import "time"

// A ConsentState says whether a person wants texts of a kind.
type ConsentState string

const (
	ConsentUnknown ConsentState = ""          // never asked
	ConsentPending ConsentState = "pending"   // asked, and not confirmed
	ConsentGiven   ConsentState = "given"     // by the person, never by a merchant
	ConsentRevoked ConsentState = "withdrawn" // wants no texts of this kind
)

// A ConsentKind says which texts a consent is about.
type ConsentKind string

const (
	AllTexts       ConsentKind = "texts"     // every text from the shop's numbers
	MarketingTexts ConsentKind = "marketing" // as Shopify keeps it
)

// A Consent is the evidence that a person gave or withdrew consent. It is never
// changed, only added to.
type Consent struct {
	Phone  Phone
	Kind   ConsentKind
	State  ConsentState
	Source string // "text", "carrier", "shopify", "list"
	Words  string // what the person wrote, or the vendor's terms for how it was collected
	At     time.Time
}

// MergeConsent returns which of two consents of one kind holds: the newer one, and
// of two from the same time the stricter one. A consent that a vendor reports never
// replaces a withdrawal that the person texted us: only the person's own START does.
func MergeConsent(known, fresh Consent) Consent {
	switch {
	case known.State == ConsentUnknown:
		return fresh
	case known.State == ConsentRevoked && known.ByText() && !fresh.ByText() && fresh.State != ConsentRevoked:
		return known
	case fresh.At.After(known.At):
		return fresh
	case fresh.At.Equal(known.At) && fresh.State == ConsentRevoked:
		return fresh
	}
	return known
}

// MarketingConsent returns the consent to marketing texts that holds by all the
// evidence of a phone, oldest first. Without evidence its state is ConsentUnknown. An
// opt-out from all texts withdraws it too, and until the person texts START no vendor's
// report gives it again. START itself gives no consent to marketing.
func MarketingConsent(evidence []Consent) Consent {
	var texts, marketing Consent
	for _, c := range evidence {
		switch {
		case c.Kind == AllTexts:
			texts = MergeConsent(texts, c)
			if c.State == ConsentRevoked {
				marketing = c
				marketing.Kind = MarketingTexts
			}
		case texts.State == ConsentRevoked && c.State != ConsentRevoked:
		case marketing.ByText() && c.At.After(marketing.At):
			marketing = c // START has lifted that withdrawal
		default:
			marketing = MergeConsent(marketing, c)
		}
	}
	return marketing
}

// ByText reports whether the person texted it.
func (c Consent) ByText() bool { return c.Source == ConsentByText || c.Source == ConsentByCarrier }

// The sources of consents.
const (
	ConsentByText    = "text"    // the person wrote it
	ConsentByCarrier = "carrier" // the provider reported that the person had opted out
	ConsentByShopify = "shopify"
)
