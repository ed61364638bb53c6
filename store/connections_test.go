package store_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"sidetext/chat"
	"sidetext/store/pgtest"
)

// When the server has no connection left, a node goes on with those that it has.
func TestPostgresWithoutFreeConnections(t *testing.T) {
	t.Parallel()
	server := pgtest.Start(t, "max_connections=12", "superuser_reserved_connections=0", "fsync=off")
	schema := server.Schema(t)
	s := openURL(t, schema)
	h := newShop(t, s, "acme")
	id := h.receive(phone, "SM1", "hello").Conversation.ID
	for full := false; !full; { // other clients take the rest
		c, err := pgx.Connect(h.ctx, schema)
		if full = err != nil; !full {
			t.Cleanup(func() { _ = c.Close(h.ctx) })
		}
	}
	var calling sync.WaitGroup
	for caller := range 20 {
		calling.Go(func() {
			for n := range 10 {
				if _, _, err := s.Snapshot(h.ctx, h.config.Shop.ID, id, -1); err != nil {
					t.Errorf("caller %d, read %d: %v", caller, n, err)
					return
				}
				if err := receiveText(s, h.config, chat.Phone(fmt.Sprint("+141555501", 10+caller)), fmt.Sprint(caller, "-", n), "hello"); err != nil {
					t.Errorf("caller %d, write %d: %v", caller, n, err)
					return
				}
			}
		})
	}
	calling.Wait()
}
