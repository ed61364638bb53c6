package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// saveConsent adds the evidence of a consent. The same evidence again changes nothing:
// its id follows from all of it but the words.
func (tx tx) saveConsent(shop chat.ShopID, c chat.Consent) error {
	phone, at := string(c.Phone.Canonical()), micros(c.At)
	sum := sha256.Sum256([]byte(string(shop) + "\n" + phone + "\n" + string(c.Kind) + "\n" + string(c.State) + "\n" + c.Source + "\n" + strconv.FormatInt(at, 10)))
	return tx.ExecLater(`INSERT INTO consents (id, shop, phone, kind, state, source, words, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		hex.EncodeToString(sum[:16]), string(shop), phone, string(c.Kind), string(c.State), c.Source, c.Words, at)
}

// Consents lists the evidence of a phone's consents, the oldest first.
func (s *Store) Consents(ctx context.Context, shop chat.ShopID, phone chat.Phone) (found []chat.Consent, err error) {
	err = s.read(ctx, "list consents", func(tx tx) error {
		found, err = tx.consents(shop, phone.Canonical())
		return err
	})
	return found, err
}

const consentColumns = `c.phone, c.kind, c.state, c.source, c.words, c.at`

func scanConsent(row sqldb.Scanner, more ...any) (c chat.Consent, err error) {
	var at int64
	err = row.Scan(append([]any{&c.Phone, &c.Kind, &c.State, &c.Source, &c.Words, &at}, more...)...)
	c.At = timeOf(at)
	return c, err
}

func (tx tx) consents(shop chat.ShopID, phone chat.Phone) (found []chat.Consent, err error) {
	err = tx.Rows(func(row sqldb.Scanner) error {
		c, err := scanConsent(row)
		found = append(found, c)
		return err
	}, `SELECT `+consentColumns+` FROM consents c WHERE c.shop = $1 AND c.phone = $2 ORDER BY c.at, c.id`, string(shop), string(phone))
	return found, err
}

// marketing returns the states of the consents to marketing texts that hold for phones.
// Phones without evidence are left out.
func (tx tx) marketing(shop chat.ShopID, phones []string) (map[chat.Phone]chat.ConsentState, error) {
	type evidence struct {
		chat.Consent
		id string
	}
	all := map[chat.Phone][]evidence{}
	err := tx.lookUp(shop, phones, func(row sqldb.Scanner) error {
		var e evidence
		c, err := scanConsent(row, &e.id)
		e.Consent = c
		all[c.Phone] = append(all[c.Phone], e)
		return err
	}, consentColumns+`, c.id`, `consents c WHERE c.shop = $1 AND c.phone = asked.column1`)
	states := make(map[chat.Phone]chat.ConsentState, len(all))
	if err != nil || len(all) == 0 {
		return states, err
	}
	suppressed, err := tx.hasSuppressions(shop)
	if err != nil {
		return nil, err
	}
	for phone, list := range all {
		slices.SortFunc(list, func(a, b evidence) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.id, b.id)) })
		ordered := make([]chat.Consent, len(list))
		for i, e := range list {
			ordered[i] = e.Consent
		}
		holds := chat.MarketingConsent(ordered)
		if suppressed {
			if holds, err = tx.unlessSuppressed(shop, phone, holds); err != nil {
				return nil, err
			}
		}
		states[phone] = holds.State
	}
	return states, nil
}

// newestMarketing returns the newest evidence of a phone's consent to marketing texts, and
// of two from one time the withdrawal. Without any its state is unknown.
func (tx tx) newestMarketing(shop chat.ShopID, phone chat.Phone) (c chat.Consent, err error) {
	c, err = scanConsent(tx.Row(`SELECT `+consentColumns+` FROM consents c WHERE c.shop = $1 AND c.phone = $2 AND c.kind = $3
		ORDER BY c.at DESC, CASE WHEN c.state = $4 THEN 0 ELSE 1 END LIMIT 1`, string(shop), string(phone), string(chat.MarketingTexts), string(chat.ConsentRevoked)))
	return c, ignoreNoRows(err)
}

// saveTurnConsents adds the evidence of a turn, and puts into the profile of its shopper
// what holds then.
func (tx tx) saveTurnConsents(t *chat.Turn) error {
	if len(t.Consents) == 0 {
		return nil
	}
	for _, c := range t.Consents {
		if err := tx.saveConsent(t.Conversation.Shop, c); err != nil {
			return err
		}
	}
	phone := t.Shopper.Phone
	states, err := tx.marketing(t.Conversation.Shop, []string{string(phone)})
	for err == nil {
		// While this transaction waits for the row, the directory may change it.
		var known string
		if err := tx.Row(`SELECT directory FROM shoppers WHERE id = $1 AND shop = $2`, string(t.Shopper.ID), string(t.Conversation.Shop)).Scan(&known); err != nil || known == "" {
			return err
		}
		profile := chat.Shopper{Directory: known}.Profile()
		if t.Shopper.Directory = known; profile.Marketing == states[phone] {
			return nil
		}
		profile.Marketing = states[phone]
		doc, err := json.Marshal(profile)
		if err != nil {
			return err
		}
		n, err := tx.Exec(`UPDATE shoppers SET directory = $1 WHERE id = $2 AND shop = $3 AND directory = $4`, string(doc), string(t.Shopper.ID), string(t.Conversation.Shop), known)
		if err != nil || n > 0 {
			t.Shopper.Directory = string(doc)
			return err
		}
	}
	return err
}

// MarketingConsent returns the consent to marketing texts that holds for a phone. See
// chat.MarketingConsent.
func (s *Store) MarketingConsent(ctx context.Context, shop chat.ShopID, phone chat.Phone) (c chat.Consent, err error) {
	err = s.read(ctx, "find the consent to marketing texts", func(tx tx) error {
		evidence, err := tx.consents(shop, phone.Canonical())
		if err == nil {
			c, err = tx.unlessSuppressed(shop, phone, chat.MarketingConsent(evidence))
		}
		return err
	})
	return c, err
}
