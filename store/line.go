package store

import (
	"context"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// SaveLine inserts a line, or updates the token and service of an existing one,
// which keeps its id, endpoint, pace and signing key. A number that moves to
// another account loses the signing key, which belongs to the old account. A
// number of another shop is refused.
func (s *Store) SaveLine(ctx context.Context, line chat.Line) error {
	return s.write(ctx, "save a line", func(tx tx) error {
		// The same number in another account is the same line, and keeps its
		// conversations and opt-outs.
		moved, err := tx.Exec(`UPDATE lines SET account = $1, token = $2, service = $3, signing_key = '', refused = '', refused_at = 0 WHERE shop = $4 AND provider = $5 AND number = $6 AND account <> $1
			AND NOT EXISTS (SELECT 1 FROM lines o WHERE o.provider = $5 AND o.account = $1 AND o.number = $6)`,
			line.Account, s.seal.encrypt(line.Token, line.Shop, "lines.token"), line.Service, string(line.Shop), line.Provider, string(line.Number))
		if err != nil || moved > 0 {
			return err
		}
		n, err := tx.Exec(`
			INSERT INTO lines (id, shop, number, provider, account, token, endpoint, service, pace) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
			ON CONFLICT (provider, account, number) DO UPDATE SET token = excluded.token, service = excluded.service
			WHERE lines.shop = excluded.shop`,
			string(line.ID), string(line.Shop), string(line.Number), line.Provider, line.Account,
			s.seal.encrypt(line.Token, line.Shop, "lines.token"), line.Endpoint, line.Service, int64(line.Pace))
		if err == nil && n == 0 {
			return &chat.Error{Kind: chat.KindConflict, Code: "taken", Text: "This number belongs to another shop here."}
		}
		return err
	})
}

// MakeTextsDue makes the waiting texts and media of a line due now. Status
// checks keep their times: that a provider's list lacks a text means something
// only after a while.
func (s *Store) MakeTextsDue(ctx context.Context, line chat.Line, now time.Time) error {
	return s.write(ctx, "make a line's deliveries due", func(tx tx) error {
		_, err := tx.Exec(`UPDATE deliveries SET due = $1 WHERE shop = $2 AND state = 'ready' AND account IN ($3, $4) AND due > $1`,
			micros(now), string(line.Shop), line.SendAccount(), line.MediaAccount())
		return err
	})
}

// SetPace sets how many segments a second are sent from a line; 0 stands for the
// carriers' limit for its kind of number.
func (s *Store) SetPace(ctx context.Context, shop chat.ShopID, line chat.LineID, pace int) error {
	return s.write(ctx, "set a line's pace", func(tx tx) error {
		n, err := tx.Exec(`UPDATE lines SET pace = $1 WHERE id = $2 AND shop = $3`, int64(pace), string(line), string(shop))
		if err == nil && n == 0 {
			err = chat.ErrNotFound
		}
		return err
	})
}

// LineConfig returns the line that a provider's webhook is for, by the random part
// of the webhook's path.
func (s *Store) LineConfig(ctx context.Context, endpoint string) (config chat.LineConfig, err error) {
	err = s.read(ctx, "find a line", func(tx tx) error {
		config, err = s.lineConfig(tx, `l.endpoint = $1`, endpoint)
		return err
	})
	return config, err
}

// LineConfigs lists a shop's lines, oldest first.
func (s *Store) LineConfigs(ctx context.Context, shop chat.ShopID) ([]chat.LineConfig, error) {
	return s.lineConfigs(ctx, `l.shop = $1`, string(shop))
}

// AllLineConfigs lists the lines of all shops, for background work.
func (s *Store) AllLineConfigs(ctx context.Context) ([]chat.LineConfig, error) {
	return s.lineConfigs(ctx, `1 = 1`)
}

func (s *Store) lineConfigs(ctx context.Context, where string, args ...any) (configs []chat.LineConfig, err error) {
	err = s.read(ctx, "list lines", func(tx tx) error {
		return tx.Rows(func(row sqldb.Scanner) error {
			config, err := s.scanLineConfig(row)
			configs = append(configs, config)
			return err
		}, lineConfigQuery+where+` ORDER BY l.id`, args...)
	})
	return configs, err
}

const lineConfigColumns = `s.id, s.name, s.settings, l.id, l.number, l.provider, l.account, l.token, l.signing_key, l.endpoint, l.service, l.pace, l.refused,
	COALESCE((SELECT h.account FROM helpdesks h WHERE h.shop = s.id), ''), COALESCE((SELECT n.account FROM connections n WHERE n.shop = s.id AND n.vendor = 'shopify'), '')`

const lineConfigQuery = `SELECT ` + lineConfigColumns + ` FROM lines l JOIN shops s ON s.id = l.shop WHERE `

// A sealedLineConfig scans what is decrypted or parsed for a chat.LineConfig.
type sealedLineConfig struct{ settings, token, signingKey, refused string }

// dest lists the scan destinations of lineConfigColumns.
func (sealed *sealedLineConfig) dest(config *chat.LineConfig) []any {
	return []any{&config.Shop.ID, &config.Shop.Name, &sealed.settings, &config.Line.ID, &config.Line.Number, &config.Line.Provider, &config.Line.Account,
		&sealed.token, &sealed.signingKey, &config.Line.Endpoint, &config.Line.Service, &config.Line.Pace, &sealed.refused, &config.Helpdesk, &config.Shopify}
}

// unseal decrypts and parses what was scanned into sealed.
func (s *Store) unseal(config *chat.LineConfig, sealed sealedLineConfig) (err error) {
	config.Line.Shop, config.Line.SigningKeyRefused = config.Shop.ID, sealed.refused != ""
	if config.Shop.Settings, err = readSettings(sealed.settings); err != nil {
		return err
	}
	if config.Line.Token, err = s.seal.decrypt(sealed.token, config.Shop.ID, "lines.token"); err != nil {
		return err
	}
	config.Line.SigningKey, err = s.openSigningKey(sealed.signingKey, config.Shop.ID)
	return err
}

func (s *Store) lineConfig(tx tx, where string, args ...any) (chat.LineConfig, error) {
	return s.scanLineConfig(tx.Row(lineConfigQuery+where, args...))
}

func (s *Store) scanLineConfig(row sqldb.Scanner) (config chat.LineConfig, err error) {
	var sealed sealedLineConfig
	if err = row.Scan(sealed.dest(&config)...); err != nil {
		return config, err
	}
	return config, s.unseal(&config, sealed)
}
