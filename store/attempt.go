package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

const attemptQuery = `SELECT id, shop, line, conversation, entry, try, provider, at, missed FROM attempts WHERE `

func scanAttempt(row sqldb.Scanner) (a chat.Attempt, err error) {
	var at, missed int64
	err = row.Scan(&a.ID, &a.Shop, &a.Line, &a.Conversation, &a.Entry, &a.Try, &a.Provider, &at, &missed)
	a.At, a.MissingSince = timeOf(at), timeOf(missed)
	return a, err
}

// saveAttempt inserts an attempt, or fills in what was unknown of it: the first
// provider's id and the first time it was missed stay. An id that another attempt
// of the line has is left out, because a provider never gives an id twice.
func (tx tx) saveAttempt(a chat.Attempt) error {
	return tx.ExecLater(`
		INSERT INTO attempts (id, shop, line, conversation, entry, try, provider, at, missed)
		VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN EXISTS (SELECT 1 FROM attempts o WHERE o.line = $3 AND o.provider = $7 AND o.provider <> '') THEN '' ELSE $7 END, $8, $9)
		ON CONFLICT (id) DO UPDATE SET
			provider = CASE WHEN attempts.provider = '' THEN excluded.provider ELSE attempts.provider END,
			missed = CASE WHEN attempts.missed = 0 THEN excluded.missed ELSE attempts.missed END`,
		string(a.ID), string(a.Shop), string(a.Line), string(a.Conversation), a.Entry, int64(a.Try), a.Provider, micros(a.At), micros(a.MissingSince))
}

// hasProviderID reports whether an attempt of the line has this provider's id.
func (tx tx) hasProviderID(line chat.LineID, provider string) (bool, error) {
	var n int
	err := tx.Row(`SELECT COUNT(*) FROM attempts WHERE line = $1 AND provider = $2 AND provider <> ''`, string(line), provider).Scan(&n)
	return n > 0, err
}

// Attempt finds the attempt that a provider's report is about: by our token or,
// without one, by the provider's id of the text.
func (s *Store) Attempt(ctx context.Context, line chat.Line, token chat.AttemptID, provider string) (a chat.Attempt, err error) {
	err = s.read(ctx, "find an attempt", func(tx tx) error {
		condition, id := `id = $3`, string(token)
		if token == "" {
			condition, id = `provider = $3 AND provider <> ''`, provider
		}
		a, err = scanAttempt(tx.Row(attemptQuery+`line = $1 AND shop = $2 AND `+condition, string(line.ID), string(line.Shop), id))
		return err
	})
	return a, err
}

// AttemptDetail finds an attempt with what is needed to check its status: the
// line, the shopper and the text.
func (s *Store) AttemptDetail(ctx context.Context, shop chat.ShopID, id chat.AttemptID) (t chat.AttemptDetail, err error) {
	err = s.read(ctx, "find an attempt's detail", func(tx tx) error {
		if t.Attempt, err = scanAttempt(tx.Row(attemptQuery+`id = $1 AND shop = $2`, string(id), string(shop))); err != nil {
			return err
		}
		if t.LineConfig, err = s.lineConfig(tx, `l.id = $1`, string(t.Attempt.Line)); err != nil {
			return err
		}
		conversation := string(t.Attempt.Conversation)
		if t.Shopper, err = tx.shopper(`id = (SELECT c.shopper FROM conversations c WHERE c.id = $1) AND shop = $2`, conversation, string(shop)); err != nil {
			return err
		}
		t.Entry, err = scanEntry(tx.Row(`SELECT `+entryColumns+` FROM entries WHERE conversation = $1 AND shop = $2 AND seq = $3`, conversation, string(shop), t.Attempt.Entry))
		return err
	})
	return t, err
}

// saveReport keeps a provider's report of an attempt, each state and code once.
func (tx tx) saveReport(shop chat.ShopID, r chat.ReportRecord) error {
	var code string
	if r.Report.Problem != nil {
		code = r.Report.Problem.Code
	}
	return tx.ExecLater(`INSERT INTO reports (attempt, state, code, shop, provider, source, at) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		string(r.Attempt), string(r.Report.State), code, string(shop), r.Report.ID, string(r.Report.From), micros(r.At))
}

// SaveUnmatchedReport keeps, for some minutes, a report whose provider's id no
// attempt has yet: the turn that saves the id reads it. If the line has the id by
// now, SaveUnmatchedReport returns false and saves nothing.
func (s *Store) SaveUnmatchedReport(ctx context.Context, line chat.Line, r chat.Report, now time.Time) (saved bool, err error) {
	report, err := json.Marshal(r)
	if err != nil {
		return false, err
	}
	err = s.write(ctx, "save an unmatched report", func(tx tx) error {
		// A turn that saves the id at this moment would not see the report.
		if err := tx.Exclusive(unmatchedLock(line.ID, r.ID)); err != nil {
			return err
		}
		known, err := tx.hasProviderID(line.ID, r.ID)
		saved = !known
		if known || err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO strays (line, provider, report, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			string(line.ID), r.ID, string(report), micros(now))
		return err
	})
	return saved, err
}

// unmatchedLock names the lock that is held to save or read unmatched reports of a
// text.
func unmatchedLock(line chat.LineID, provider string) string { return string(line) + "/" + provider }

// unmatchedReports reads the reports that came before their attempt, oldest first.
func (tx tx) unmatchedReports(line chat.LineID, provider string) (found []chat.Report, err error) {
	if err := tx.Exclusive(unmatchedLock(line, provider)); err != nil {
		return nil, err
	}
	err = tx.Rows(func(row sqldb.Scanner) error {
		var text string
		var r chat.Report
		if err := row.Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &r); err != nil {
			return fmt.Errorf("parse an unmatched report: %w", err)
		}
		found = append(found, r)
		return nil
	}, `SELECT report FROM strays WHERE line = $1 AND provider = $2 ORDER BY at, report`, string(line), provider)
	return found, err
}
