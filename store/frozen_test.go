package store_test

import (
	"fmt"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"sidetext/chat"
	"sidetext/store/pgtest"
	"sidetext/store/sqldb"
)

// A node that is frozen with conversations in its hands holds up these, and no
// others; and these not for long.
func TestFrozenNode(t *testing.T) {
	t.Parallel()
	schema := pgtest.Shared(t).Schema(t)
	s := openURL(t, schema)
	h := furnish(t, s, "acme")
	var theirs []chat.Phone
	for n := range 4 {
		theirs = append(theirs, chat.Phone(fmt.Sprint("+1415555010", n)))
		h.hear(theirs[n], fmt.Sprint("SM", n), "hello")
	}
	frozen := must[*pgx.Conn](t)(pgx.Connect(h.ctx, schema))
	t.Cleanup(func() { _ = frozen.Close(h.ctx) })
	// As every connection of a node is set up.
	for _, say := range []string{`SET idle_in_transaction_session_timeout = ` + strconv.FormatInt(sqldb.IdleTransactionTimeout.Milliseconds(), 10), `BEGIN`, `SELECT id FROM conversations FOR NO KEY UPDATE`} {
		if _, err := frozen.Exec(h.ctx, say); err != nil {
			t.Fatal(err)
		}
	}
	var waiting sync.WaitGroup
	defer waiting.Wait()
	for n, phone := range theirs {
		waiting.Go(func() {
			began := time.Now()
			err := keep(s, h.door, phone, fmt.Sprint("again", n), "hello")
			if took := time.Since(began); err != nil || took > 6*time.Second {
				t.Errorf("a text to a conversation in frozen hands: %v after %v", err, took)
			}
		})
	}
	for until, n := time.Now().Add(5*time.Second), 0; time.Now().Before(until); n++ {
		began := time.Now()
		err := keep(s, h.door, chat.Phone(fmt.Sprintf("+1415556%04d", n%50)), fmt.Sprint("other", n), "hello")
		if took := time.Since(began); err != nil || took > time.Second {
			t.Errorf("a text to another conversation: %v after %v", err, took)
		}
	}
}
