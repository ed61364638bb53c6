package store

import (
	"time"

	"sidetext/chat"
	"sidetext/store/sqldb"
)

// A history reads a conversation's past within its turn: it is the turn's History.
type history struct {
	tx          tx
	c           chat.Conversation
	usedReports []string // providers' ids of the texts whose unmatched reports the turn has read
}

func (h *history) Find(origin string) (seq int64, err error) {
	err = h.tx.Row(`SELECT COALESCE(MAX(seq), 0) FROM entries WHERE conversation = $1 AND origin = $2 AND origin <> ''`,
		string(h.c.ID), origin).Scan(&seq)
	return seq, err
}

func (h *history) After(seq int64, limit int) ([]chat.Entry, error) {
	return h.tx.entries(h.c.Shop, h.c.ID, `seq > $3 ORDER BY seq LIMIT $4`, seq, int64(limit))
}

func (h *history) Spans(since time.Time) ([]chat.Span, error) {
	return h.tx.spans(h.c.Shop, h.c.ID, since)
}

func (h *history) HoldsLease(d chat.Delivery) (bool, error) {
	var n int
	err := h.tx.Row(`SELECT COUNT(*) FROM deliveries WHERE `+ownClaim, claimArgs(d)...).Scan(&n)
	return n > 0, err
}

func (h *history) Attempts(since time.Time) (found []chat.Attempt, err error) {
	err = h.tx.Rows(func(row sqldb.Scanner) error {
		a, err := scanAttempt(row)
		found = append(found, a)
		return err
	}, attemptQuery+`conversation = $1 AND shop = $2 AND at >= $3 ORDER BY at, id`, string(h.c.ID), string(h.c.Shop), micros(since))
	return found, err
}

func (h *history) Linked(provider string) (bool, error) {
	return h.tx.hasProviderID(h.c.Line, provider)
}

func (h *history) UnmatchedReports(provider string) ([]chat.Report, error) {
	found, err := h.tx.unmatchedReports(h.c.Line, provider)
	if len(found) > 0 {
		h.usedReports = append(h.usedReports, provider)
	}
	return found, err
}

// deleteUsedReports removes the unmatched reports that the turn has read, if an
// attempt now has the provider's id that they name.
func (h *history) deleteUsedReports() error {
	for _, provider := range h.usedReports {
		err := h.tx.ExecLater(`
			DELETE FROM strays WHERE line = $1 AND provider = $2 AND EXISTS (SELECT 1 FROM attempts a WHERE a.line = $1 AND a.provider = $2 AND a.provider <> '')`,
			string(h.c.Line), provider)
		if err != nil {
			return err
		}
	}
	return nil
}
