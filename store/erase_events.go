package store

import (
	"context"
	"strings"
	"unicode"

	"sidetext/chat"
)

// eventsNaming lists a shop's webhooks that wait or failed and whose body has the
// person's Shopify id, e-mail address or phone. It reads them in batches, so that it
// needs little memory.
func (s *Store) eventsNaming(ctx context.Context, shop chat.ShopID, r chat.PrivacyRequest) (found []string, err error) {
	var words []string
	for _, word := range []string{r.CustomerID, strings.ToLower(strings.TrimSpace(r.Email)), string(r.Phone)} {
		// A short number would stand for prices and quantities too.
		if len(word) >= 6 {
			words = append(words, word)
		}
	}
	if len(words) == 0 {
		return nil, nil
	}
	for _, query := range []string{
		eventQuery + `shop = $1 AND state = 'waiting' AND id > $2 ORDER BY id LIMIT 100`,
		eventQuery + `shop = $1 AND state = 'failed' AND id > $2 ORDER BY id LIMIT 100`,
	} {
		for last := ""; ; {
			var batch []Event
			err := s.read(ctx, "find a person's events", func(tx tx) (err error) {
				batch, err = tx.events(query, string(shop), last)
				return err
			})
			if err != nil {
				return nil, err
			}
			if len(batch) == 0 {
				break
			}
			for _, e := range batch {
				if namesOne(strings.ToLower(string(e.Body)), words) {
					found = append(found, e.ID)
				}
			}
			last = batch[len(batch)-1].ID
		}
	}
	return found, nil
}

// namesOne reports whether a text has one of the words, and not as part of a longer
// one: 601 is not in 6012, and a@b.c not in aa@b.c.
func namesOne(text string, words []string) bool {
	for _, word := range words {
		for rest := text; ; {
			i := strings.Index(rest, word)
			if i < 0 {
				break
			}
			after := rest[i+len(word):]
			if !endsInWord(rest[:i]) && !beginsWithWord(after) {
				return true
			}
			rest = rest[i+1:]
		}
	}
	return false
}

func endsInWord(text string) bool {
	return text != "" && isWord(rune(text[len(text)-1])) || strings.HasSuffix(text, ".") || strings.HasSuffix(text, "-")
}

func beginsWithWord(text string) bool { return text != "" && isWord(rune(text[0])) }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
