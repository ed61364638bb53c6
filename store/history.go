package store

import (
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A recall reads the conversation's past within its turn.
type history struct {
	tx          tx
	c           chat.Conversation
	usedReports []string // what providers call the texts whose stray reports the turn has read
}

func (r *history) Find(origin string) (seq int64, err error) {
	err = r.tx.Row(`SELECT COALESCE(MAX(seq), 0) FROM entries WHERE conversation = $1 AND origin = $2 AND origin <> ''`,
		string(r.c.ID), origin).Scan(&seq)
	return seq, err
}

func (r *history) After(seq int64, limit int) ([]chat.Entry, error) {
	return r.tx.entries(r.c.Shop, r.c.ID, `seq > $3 ORDER BY seq LIMIT $4`, seq, int64(limit))
}

func (r *history) Spans(since time.Time) ([]chat.Span, error) {
	return r.tx.spans(r.c.Shop, r.c.ID, since)
}

func (r *history) Holds(d chat.Delivery) (bool, error) {
	var n int
	err := r.tx.Row(`SELECT COUNT(*) FROM deliveries WHERE `+held, holder(d)...).Scan(&n)
	return n > 0, err
}

func (r *history) AttemptDetail(since time.Time) (found []chat.Attempt, err error) {
	err = r.tx.Rows(func(row sqldb.Scanner) error {
		a, err := scanAttempt(row)
		found = append(found, a)
		return err
	}, attemptQuery+`conversation = $1 AND shop = $2 AND at >= $3 ORDER BY at, id`, string(r.c.ID), string(r.c.Shop), micros(since))
	return found, err
}

func (r *history) Linked(provider string) (bool, error) {
	return r.tx.hasProviderID(r.c.Line, provider)
}

func (r *history) Strays(provider string) ([]chat.Report, error) {
	found, err := r.tx.unmatchedReports(r.c.Line, provider)
	if len(found) > 0 {
		r.usedReports = append(r.usedReports, provider)
	}
	return found, err
}

// forget removes the stray reports that the turn has read, once what they are
// about has the name that they came under.
func (r *history) deleteUsedReports() error {
	for _, provider := range r.usedReports {
		err := r.tx.ExecLater(`
			DELETE FROM strays WHERE line = $1 AND provider = $2 AND EXISTS (SELECT 1 FROM attempts a WHERE a.line = $1 AND a.provider = $2 AND a.provider <> '')`,
			string(r.c.Line), provider)
		if err != nil {
			return err
		}
	}
	return nil
}
