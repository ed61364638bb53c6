package store

import (
	"encoding/base64"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// erased stands in place of what was erased.
const erased = "(erased)"

// erasedPhone begins what stands in place of a phone. It can't be texted.
const erasedPhone = "erased-"

// erasePhone erases a phone, the shopper with it and the content of their
// conversations, and returns how many conversations there are.
func (tx tx) erasePhone(shop chat.ShopID, phone chat.Phone, now time.Time) (conversations int, err error) {
	found, shopper, err := tx.conversationsOf(shop, phone)
	if err != nil {
		return 0, err
	}
	for _, c := range found {
		if c.OptedOut {
			if err := tx.suppress(shop, c.Line, phone, now); err != nil {
				return 0, err
			}
		}
		if err := tx.eraseConversation(c, now); err != nil {
			return 0, err
		}
	}
	marketing, err := tx.marketing(shop, []string{string(phone)})
	if err != nil {
		return 0, err
	}
	if marketing[phone] == chat.ConsentRevoked {
		if err := tx.suppress(shop, noLine, phone, now); err != nil {
			return 0, err
		}
	}
	if err := tx.ExecLater(`DELETE FROM consents WHERE shop = $1 AND phone = $2`, string(shop), string(phone)); err != nil {
		return 0, err
	}
	if err := tx.eraseQuarantine(shop, phone); err != nil {
		return 0, err
	}
	switch {
	case shopper == "":
		return 0, nil
	case len(found) == 0:
		return 0, tx.ExecLater(`DELETE FROM shoppers WHERE id = $1 AND shop = $2`, string(shopper), string(shop))
	}
	return len(found), tx.ExecLater(`
		UPDATE shoppers SET phone = $1, name = '', email = '', purchased = 0, customer = '', directory = '', proof = '', person = '', list = '', list_line = 0, list_rank = 0
		WHERE id = $2 AND shop = $3`, erasedPhone+chat.NewID[string](now), string(shopper), string(shop))
}

// eraseConversation erases what a conversation says, drops what waits to be done for
// it, and gives it a new revision. Entries keep their places, times and origins, so
// that the provider's list does not bring a text back.
func (tx tx) eraseConversation(c chat.Conversation, now time.Time) error {
	if err := tx.eraseMedia(c); err != nil {
		return err
	}
	id, shop, rev := string(c.ID), string(c.Shop), c.Rev+1
	for _, change := range []struct {
		statement string
		args      []any
	}{
		{`UPDATE entries SET rev = $3, body = CASE WHEN body = '' THEN '' ELSE $4 END, media = '' WHERE conversation = $1 AND shop = $2`, []any{rev, erased}},
		// A text that is being sent keeps its delivery until its outcome is known, and a
		// status check asks for the outcome of an earlier one.
		{`DELETE FROM deliveries WHERE conversation = $1 AND shop = $2 AND kind <> $4 AND NOT (kind = $3 AND state = 'running' AND EXISTS (
			SELECT 1 FROM attempts a WHERE a.conversation = $1 AND a.entry = deliveries.place AND a.try = deliveries.tries))`,
			[]any{string(chat.SendSMS), string(chat.CheckStatus)}},
		{`UPDATE entries SET state = $3, problem = $4, problem_code = 'erased' WHERE conversation = $1 AND shop = $2 AND state = $5 AND NOT EXISTS (
			SELECT 1 FROM deliveries d WHERE d.lane = $6 AND d.state <> 'failed' AND d.until > 0 AND d.place = entries.seq)`,
			[]any{string(chat.Failed), `{"code":"erased","text":"Not sent: the shopper's data was erased."}`, string(chat.Saved), string(chat.SendSMS) + "/" + id}},
		{`UPDATE escalations SET wants = '', later = '[]', ended_at = CASE WHEN ended_at = 0 THEN $3 ELSE ended_at END WHERE conversation = $1 AND shop = $2`, []any{micros(now)}},
		// The ticket is not changed any more, also not by what happens in the helpdesk.
		{`UPDATE tickets SET lost = 1, open = 0 WHERE conversation = $1 AND shop = $2 AND open = 1 AND lost = 0`, nil},
		{`UPDATE tickets SET lost = 1, open = 0 WHERE shop = $2 AND id = (SELECT c.ticket FROM conversations c WHERE c.id = $1)`, nil},
		{`UPDATE conversations SET rev = $3, mode = $4, escalation = '', dialog = '{}' WHERE id = $1 AND shop = $2`, []any{rev, string(chat.Automated)}},
	} {
		if err := tx.ExecLater(change.statement, append([]any{id, shop}, change.args...)...); err != nil {
			return err
		}
	}
	return nil
}

// eraseMedia deletes the pictures and files of a conversation.
func (tx tx) eraseMedia(c chat.Conversation) error {
	all, err := tx.texts(`SELECT media FROM entries WHERE conversation = $1 AND shop = $2 AND media <> ''`, string(c.ID), string(c.Shop))
	if err != nil {
		return err
	}
	for _, text := range all {
		media, err := parseMedia(text)
		if err != nil {
			return err
		}
		for _, m := range media {
			for _, statement := range []string{
				`DELETE FROM media_pieces WHERE media = (SELECT m.id FROM media m WHERE m.id = $1 AND m.shop = $2)`,
				`DELETE FROM media WHERE id = $1 AND shop = $2`,
			} {
				if err := tx.ExecLater(statement, string(m.ID), string(c.Shop)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// eraseQuarantine deletes the requests in quarantine that name a phone.
func (tx tx) eraseQuarantine(shop chat.ShopID, phone chat.Phone) error {
	digits := strings.TrimPrefix(string(phone), "+")
	var naming []string
	err := tx.Rows(func(row sqldb.Scanner) error {
		var id, body string
		if err := row.Scan(&id, &body); err != nil {
			return err
		}
		raw, err := base64.StdEncoding.DecodeString(body)
		if err != nil || strings.Contains(string(raw), digits) {
			naming = append(naming, id)
		}
		return nil
	}, `SELECT id, body FROM quarantine WHERE shop = $1`, string(shop))
	for _, id := range naming {
		if err == nil {
			err = tx.ExecLater(`DELETE FROM quarantine WHERE id = $1 AND shop = $2`, id, string(shop))
		}
	}
	return err
}

// texts reads the rows of a query that have one text.
func (tx tx) texts(query string, args ...any) (found []string, err error) {
	err = tx.Rows(func(row sqldb.Scanner) error {
		found = append(found, "")
		return row.Scan(&found[len(found)-1])
	}, query, args...)
	return found, err
}
