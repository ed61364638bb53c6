package store

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"sidetext/chat"
)

// A sealed value is not in the files in plain text, and can be decrypted only in its
// own shop and column.
func TestSealed(t *testing.T) {
	t.Parallel()
	s := openStore(t)
	ctx, path := t.Context(), fileOf(t, s)
	const token, apiKey, shared = "twilio-token-in-plain", "gorgias-key-in-plain", "shared-secret-in-plain"
	var shops []chat.Shop
	for _, name := range []string{"one", "two"} {
		shop, err := s.AddShop(ctx, name, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		shops = append(shops, shop)
		err = errors.Join(
			s.SaveLine(ctx, chat.Line{ID: chat.LineID(name), Shop: shop.ID, Number: "+1415", Provider: "twilio", Account: name, Token: token, Endpoint: name}),
			s.SaveHelpdesk(ctx, chat.Helpdesk{Shop: shop.ID, Key: apiKey, Secret: shared, Endpoint: name}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)))
		if err != nil {
			t.Fatal(err)
		}
	}
	var found bool
	for _, name := range []string{path, path + "-wal"} {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		found = found || strings.Contains(string(raw), "two") // the files are the right ones
		for _, secret := range []string{token, apiKey, shared} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s is in %s", secret, name)
			}
		}
	}
	if !found {
		t.Error("the files have no data")
	}
	for name, move := range map[string]string{
		"a line's token":          `UPDATE lines SET token = (SELECT token FROM lines l WHERE l.shop <> lines.shop)`,
		"a key":                   `UPDATE helpdesks SET api_key = (SELECT api_key FROM helpdesks h WHERE h.shop <> helpdesks.shop)`,
		"a key in another column": `UPDATE helpdesks SET secret = api_key`,
		"a part of it":            `UPDATE helpdesks SET secret = 'AAAA'`,
		"no base64":               `UPDATE helpdesks SET secret = '?'`,
	} {
		var before, after error
		errUndo := errors.New("undo")
		err := s.write(ctx, "undo", func(tx tx) error {
			check := func() error {
				_, err := s.lineConfig(tx, `l.endpoint = $1`, "one")
				if err == nil {
					_, err = s.scanHelpdesk(tx.Row(helpdeskQuery+`shop = $1`, string(shops[0].ID)))
				}
				return err
			}
			before = check()
			if _, err := tx.Exec(move); err != nil {
				return err
			}
			after = check()
			return errUndo
		})
		if !errors.Is(err, errUndo) || before != nil || after == nil {
			t.Errorf("%s: before %v, after %v (%v)", name, before, after, err)
		}
	}
}
