package chat

import (
	"testing"
	"time"
)

func TestMergeConsent(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	consent := func(state ConsentState, source string, after time.Duration) Consent {
		return Consent{State: state, Source: source, At: at.Add(after)}
	}
	for name, test := range map[string]struct {
		known, fresh Consent
		replaced     bool
	}{
		"nothing known":                       {Consent{}, consent(ConsentGiven, ConsentByShopify, 0), true},
		"newer":                               {consent(ConsentRevoked, ConsentByShopify, 0), consent(ConsentGiven, ConsentByShopify, 1), true},
		"older":                               {consent(ConsentGiven, ConsentByShopify, 1), consent(ConsentRevoked, ConsentByShopify, 0), false},
		"the stricter of one time":            {consent(ConsentGiven, ConsentByShopify, 0), consent(ConsentRevoked, ConsentByShopify, 0), true},
		"the laxer of one time":               {consent(ConsentRevoked, ConsentByShopify, 0), consent(ConsentGiven, ConsentByShopify, 0), false},
		"a merchant's tick after STOP":        {consent(ConsentRevoked, ConsentByText, 0), consent(ConsentGiven, ConsentByShopify, time.Hour), false},
		"a merchant's tick after a carrier's": {consent(ConsentRevoked, ConsentByCarrier, 0), consent(ConsentPending, ConsentByShopify, time.Hour), false},
		"START after STOP":                    {consent(ConsentRevoked, ConsentByText, 0), consent(ConsentGiven, ConsentByText, time.Hour), true},
	} {
		want := test.known
		if test.replaced {
			want = test.fresh
		}
		if got := MergeConsent(test.known, test.fresh); got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
}

func TestMarketingConsent(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	stop := Consent{Kind: AllTexts, State: ConsentRevoked, Source: ConsentByText}
	start := Consent{Kind: AllTexts, State: ConsentGiven, Source: ConsentByText}
	subscribed := Consent{Kind: MarketingTexts, State: ConsentGiven, Source: ConsentByShopify}
	unsubscribed := Consent{Kind: MarketingTexts, State: ConsentRevoked, Source: ConsentByShopify}
	for name, test := range map[string]struct {
		evidence []Consent
		want     ConsentState
	}{
		"nothing":                                {nil, ConsentUnknown},
		"subscribed":                             {[]Consent{subscribed}, ConsentGiven},
		"subscribed and unsubscribed":            {[]Consent{subscribed, unsubscribed}, ConsentRevoked},
		"unsubscribed and subscribed":            {[]Consent{unsubscribed, subscribed}, ConsentGiven},
		"STOP after it":                          {[]Consent{subscribed, stop}, ConsentRevoked},
		"STOP before it":                         {[]Consent{stop, subscribed}, ConsentRevoked},
		"START alone":                            {[]Consent{start}, ConsentUnknown},
		"STOP and START":                         {[]Consent{subscribed, stop, start}, ConsentRevoked},
		"STOP, START, and subscribed after it":   {[]Consent{subscribed, stop, start, subscribed}, ConsentGiven},
		"STOP, START, and subscribed in between": {[]Consent{stop, subscribed, start}, ConsentRevoked},
		"STOP twice":                             {[]Consent{stop, start, subscribed, stop, subscribed}, ConsentRevoked},
	} {
		evidence := append([]Consent(nil), test.evidence...)
		for i := range evidence {
			evidence[i].At = at.Add(time.Duration(i) * time.Minute)
		}
		got := MarketingConsent(evidence)
		if got.State != test.want || got.State != ConsentUnknown && got.Kind != MarketingTexts {
			t.Errorf("%s: got %+v, want %q", name, got, test.want)
		}
	}
}
