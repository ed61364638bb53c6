package shopify

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"sidetext/chat"
)

// PrivacyPeriod is the time within which a compliance webhook has to be obeyed
// (shopify.dev, "Privacy law compliance").
const PrivacyPeriod = 30 * 24 * time.Hour

// PrivacyTopics lists the topics of compliance webhooks.
func PrivacyTopics() []string {
	return []string{"customers/data_request", "customers/redact", "shop/redact"}
}

// ParsePrivacy reads a compliance webhook, that is, one of the topics that privacy laws
// demand. ok is false for every other topic. The same webhook always gives the same
// request ID. The request has no Shop; At is now, and Due follows from it.
//
// The customer may be known by id, e-mail address or phone, or only by some of these. A
// phone that Shopify did not write in E.164 is left as it was written.
func ParsePrivacy(topic string, body []byte) (r chat.PrivacyRequest, ok bool, err error) {
	switch topic {
	case "customers/data_request":
		r.Kind = chat.PrivacyExport
	case "customers/redact":
		r.Kind = chat.PrivacyErase
	case "shop/redact":
		r.Kind = chat.PrivacyEraseShop
	default:
		return chat.PrivacyRequest{}, false, nil
	}
	var in struct {
		Customer eventCustomer `json:"customer"`
	}
	if err := parseObject(body, &in); err != nil {
		return chat.PrivacyRequest{}, true, fmt.Errorf("shopify: parse %s: %w", topic, err)
	}
	hash := sha256.Sum256(append([]byte(topic+"\n"), body...))
	r.ID, r.Topic = hex.EncodeToString(hash[:16]), topic
	r.At = time.Now().UTC()
	r.Due = r.At.Add(PrivacyPeriod)
	if r.Kind == chat.PrivacyEraseShop {
		return r, true, nil
	}
	r.CustomerID, r.Email, r.Phone = in.Customer.id(), in.Customer.Email.lower(), compactPhone(string(in.Customer.Phone))
	switch {
	case r.Email != "":
		r.Person = r.Email
	case r.CustomerID != "":
		r.Person = "customer " + r.CustomerID
	case r.Phone != "":
		r.Person = string(r.Phone)
	default:
		return chat.PrivacyRequest{}, true, fmt.Errorf("shopify: parse %s: %w", topic, errNoID)
	}
	return r, true, nil
}

// compactPhone removes the spaces and marks from an international number.
func compactPhone(raw string) chat.Phone {
	compact := chat.Phone(strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", ".", "").Replace(raw))
	if compact.Reachable() {
		return compact
	}
	return chat.Phone(raw)
}
