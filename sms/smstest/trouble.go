package smstest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
)

// troubles are answers from which nobody can tell what was done.
var troubles = map[string]http.HandlerFunc{
	"reset after reading": func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "") },
	"not HTTP":            func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "hello\r\n") },
	"truncated head":      func(w http.ResponseWriter, _ *http.Request) { hangUp(w, "HTTP/1.1 201 Cre") },
	"truncated answer": func(w http.ResponseWriter, _ *http.Request) {
		hangUp(w, "HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{")
	},
	"rubbish":          func(w http.ResponseWriter, _ *http.Request) { Response{Status: 201, Body: "<html>"}.write(w) },
	"an empty answer":  func(w http.ResponseWriter, _ *http.Request) { Response{Status: 200}.write(w) },
	"null":             func(w http.ResponseWriter, _ *http.Request) { Response{Status: 200, Body: "null"}.write(w) },
	"request time-out": func(w http.ResponseWriter, _ *http.Request) { Response{Status: 408}.write(w) },
	"gateway":          func(w http.ResponseWriter, _ *http.Request) { Response{Status: 502, Body: "<html>"}.write(w) },
	"unavailable": func(w http.ResponseWriter, _ *http.Request) {
		Response{Status: 503, Header: map[string]string{"Retry-After": "1"}}.write(w)
	},
	"moved": func(w http.ResponseWriter, _ *http.Request) {
		Response{Status: 307, Header: map[string]string{"Location": "/"}}.write(w)
	},
	"no end": func(w http.ResponseWriter, r *http.Request) {
		Response{Status: 200, Body: `{"a":"`}.write(w)
		ramble(w, r)
	},
}

// serve starts a server that has read a request before it is handled, so that
// hanging up comes after the request.
func serve(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// hangUp ends the connection after some last words.
func hangUp(w http.ResponseWriter, words string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write([]byte(words))
	_ = conn.Close()
}

// ramble writes until nobody listens any more.
func ramble(w http.ResponseWriter, r *http.Request) {
	spaces := bytes.Repeat([]byte(" "), 64<<10)
	for r.Context().Err() == nil {
		if _, err := w.Write(spaces); err != nil {
			return
		}
	}
}
