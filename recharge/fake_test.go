package recharge

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"sidetext/chat"
)

const token = "sk_1x1_token-canary-8491"

// A fakeStore is a Recharge store in memory, so that tests of waits can run in a
// synctest bubble.
type fakeStore struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu    sync.Mutex
	dials int
	dead  bool // refuses connections
}

func (f *fakeStore) Accept() (net.Conn, error) {
	select {
	case conn := <-f.conns:
		return conn, nil
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

func (f *fakeStore) Close() error   { f.once.Do(func() { close(f.closed) }); return nil }
func (f *fakeStore) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

func (f *fakeStore) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	f.mu.Lock()
	f.dials++
	dead := f.dead
	f.mu.Unlock()
	if dead {
		return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	}
	ours, theirs := net.Pipe()
	select {
	case f.conns <- theirs:
		return ours, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// newStore starts a store that answers with the handler, and returns clients for it.
func newStore(t *testing.T, limits Limits, answer http.HandlerFunc) (*fakeStore, *Accounts) {
	t.Helper()
	f := &fakeStore{conns: make(chan net.Conn), closed: make(chan struct{})}
	server := httptest.NewUnstartedServer(answer)
	server.Listener.Close()
	server.Listener = f
	server.Start()
	accounts, err := NewAccounts("http://recharge.test", limits)
	if err != nil {
		t.Fatal(err)
	}
	accounts.http.Transport.(*http.Transport).DialContext = f.dial
	t.Cleanup(func() { accounts.Close(); server.Close() })
	return f, accounts
}

var testConnection = chat.Connection{Shop: "s1", Vendor: chat.Recharge, Account: "acme.myshopify.com", Token: token}

// newClient returns a client of a store that answers with the handler.
func newClient(t *testing.T, answer http.HandlerFunc) *Client {
	t.Helper()
	_, accounts := newStore(t, Limits{PerSecond: 1000, Burst: 1000}, answer)
	return clientOf(t, accounts)
}

func clientOf(t *testing.T, accounts *Accounts) *Client {
	t.Helper()
	c, err := accounts.Client(testConnection)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// apiError returns err as an *Error, or fails the test.
func apiError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want an *Error", err)
	}
	return e
}

// sendErrorOf returns err as a *chat.SendError, or fails the test.
func sendErrorOf(t *testing.T, err error) *chat.SendError {
	t.Helper()
	var e *chat.SendError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a *chat.SendError", err)
	}
	return e
}
