package gorgias_test

import (
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
)

func TestListsReadAllPages(t *testing.T) {
	t.Parallel()
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("limit") != "100" {
			t.Errorf("requested %s", r.URL)
		}
		switch r.URL.Query().Get("cursor") {
		case "":
			io.WriteString(w, `{"data":[{"id":1,"name":"Ann","active":true}],"meta":{"next_cursor":"a b+c"}}`)
		case "a b+c":
			io.WriteString(w, `{"data":[{"id":2,"firstname":"Bob","lastname":"Lee"},{"id":3,"role":{"name":"bot"}}],"meta":{"next_cursor":null}}`)
		default:
			t.Errorf("requested %s", r.URL)
		}
	})
	users, err := c.Users(t.Context())
	if err != nil || len(users) != 3 || users[1].DisplayName() != "Bob Lee" || !users[0].Human() || users[2].Human() {
		t.Errorf("got %+v, %v", users, err)
	}
}

func TestListsReadLimitedPages(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	c := fakeHelpdesk(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, `{"data":[{"id":1}],"meta":{"next_cursor":"%d"}}`, requests.Add(1))
	})
	if users, err := c.Users(t.Context()); err != nil || len(users) != 50 {
		t.Errorf("got %d, %v", len(users), err)
	}
}
