package store_test

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"sidetext/chat"
	"sidetext/store/pgtest"
	"sidetext/store/sqldb"
)

// A node that is suspended in a transaction blocks the conversations that it has
// locked, for a short time, and no others.
func TestFrozenNode(t *testing.T) {
	t.Parallel()
	schema := pgtest.Shared(t).Schema(t)
	s := openURL(t, schema)
	h := newShop(t, s, "acme")
	var theirs []chat.Phone
	for n := range 4 {
		theirs = append(theirs, chat.Phone(fmt.Sprint("+1415555010", n)))
		h.receive(theirs[n], fmt.Sprint("SM", n), "hello")
	}
	suspended, stuck := must[*pgx.Conn](t)(pgx.Connect(h.ctx, schema)), must[*pgx.Conn](t)(pgx.Connect(h.ctx, schema))
	t.Cleanup(func() { _, _ = suspended.Close(h.ctx), stuck.Close(h.ctx) })
	// Set up like every connection of a node.
	for _, statement := range []string{`SET idle_in_transaction_session_timeout = ` + strconv.FormatInt(sqldb.IdleTransactionTimeout.Milliseconds(), 10), `BEGIN`, `SELECT id FROM conversations FOR NO KEY UPDATE`} {
		if _, err := suspended.Exec(h.ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	var waiting sync.WaitGroup
	defer waiting.Wait()
	for n, phone := range theirs {
		waiting.Go(func() {
			err := receiveText(s, h.config, phone, fmt.Sprint("again", n), "hello")
			for ; errors.Is(err, chat.ErrUnavailable); err = receiveText(s, h.config, phone, fmt.Sprint("again", n), "hello") {
			}
			if err != nil {
				t.Errorf("a text to a locked conversation: %v", err)
			}
		})
	}
	for n := range 50 {
		if err := receiveText(s, h.config, chat.Phone(fmt.Sprintf("+1415556%04d", n)), fmt.Sprint("other", n), "hello"); err != nil {
			t.Errorf("a text to another conversation: %v", err)
		}
	}
	waiting.Wait()

	// Locked for ever: texts to the locked conversations fail, all others are stored.
	for _, statement := range []string{`SET idle_in_transaction_session_timeout = 0`, `BEGIN`, `SELECT id FROM conversations FOR NO KEY UPDATE`} {
		if _, err := stuck.Exec(h.ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	var refused sync.WaitGroup
	for n, phone := range theirs {
		refused.Go(func() {
			if err := receiveText(s, h.config, phone, fmt.Sprint("held", n), "hello"); err == nil {
				t.Error("a text to a locked conversation was stored")
			}
		})
	}
	for n := range 50 {
		if err := receiveText(s, h.config, chat.Phone(fmt.Sprintf("+1415557%04d", n)), fmt.Sprint("more", n), "hello"); err != nil {
			t.Errorf("a text to another conversation: %v", err)
		}
	}
	refused.Wait()
}
