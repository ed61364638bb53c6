package gorgias_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/gorgias"
)

func TestClientsOfAnAccountShareItsBudget(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, `{"id":7}`) }))
	defer server.Close()
	accounts, err := gorgias.NewAccounts(server.URL+"/{account}", gorgias.Limits{PerSecond: 0.001, Burst: 4, Wait: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer accounts.Close()
	one, _ := accounts.Client("acme", owner, key)
	two, _ := accounts.Client("acme", "bob@acme.com", key)
	other, _ := accounts.Client("other", owner, key)
	for i, test := range []struct {
		c  *gorgias.Client
		ok bool
	}{{one.Background(), true}, {two.Background(), false}, {two, true}, {one, true}, {two, false}, {one, false}, {other, true}} {
		err := get(test.c, t.Context())
		if (err == nil) != test.ok {
			t.Errorf("request %d: %v", i, err)
		}
		if err != nil {
			if e := apiError(t, err); e.Status != 429 || e.RetryAfter <= 0 || e.Unknown() || !e.Temporary() {
				t.Errorf("request %d: %+v", i, e)
			}
		}
	}
}

func TestInvalidSettings(t *testing.T) {
	t.Parallel()
	for _, template := range []string{"", "https://gorgias.com", "ftp://{account}.x", "https://u@{account}.x", "{account}",
		"https://{account}.{account}", "https://{account}.x?a=1", "https://{account}.x#a"} {
		if _, err := gorgias.NewAccounts(template, gorgias.Limits{}); err == nil {
			t.Errorf("template %q was accepted", template)
		}
	}
	accounts, err := gorgias.NewAccounts(gorgias.Template, gorgias.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range [][3]string{{"acme.evil.com", owner, key}, {"", owner, key}, {"acme", "", key}, {"acme", "ann", key},
		{"acme", "a:b@acme.com", key}, {"acme", owner, ""}, {"acme", owner, "a b"}, {"acme", owner, "k\x00"}, {"acme@evil.com/", owner, key}} {
		_, err := accounts.Client(test[0], test[1], chat.Secret(test[2]))
		var plain *chat.Error
		if !errors.As(err, &plain) {
			t.Errorf("%q: %v", test, err)
		}
	}
	c, err := accounts.Client("acme", owner, key)
	if err != nil || c.Page("/app") != "https://acme.gorgias.com/app" {
		t.Errorf("got %v", err)
	}
}
