package smstest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"testing"
)

// faults are responses after which the outcome of the request is unknown.
var faults = map[string]http.HandlerFunc{
	"reset after reading": func(w http.ResponseWriter, _ *http.Request) { closeConn(w, "") },
	"not HTTP":            func(w http.ResponseWriter, _ *http.Request) { closeConn(w, "hello\r\n") },
	"truncated header":    func(w http.ResponseWriter, _ *http.Request) { closeConn(w, "HTTP/1.1 201 Cre") },
	"truncated body": func(w http.ResponseWriter, _ *http.Request) {
		closeConn(w, "HTTP/1.1 201 Created\r\nContent-Length: 999\r\n\r\n{")
	},
	"not JSON":         func(w http.ResponseWriter, _ *http.Request) { Response{Status: 201, Body: "<html>"}.write(w) },
	"empty response":   func(w http.ResponseWriter, _ *http.Request) { Response{Status: 200}.write(w) },
	"null":             func(w http.ResponseWriter, _ *http.Request) { Response{Status: 200, Body: "null"}.write(w) },
	"request time-out": func(w http.ResponseWriter, _ *http.Request) { Response{Status: 408}.write(w) },
	"gateway":          func(w http.ResponseWriter, _ *http.Request) { Response{Status: 502, Body: "<html>"}.write(w) },
	"unavailable": func(w http.ResponseWriter, _ *http.Request) {
		Response{Status: 503, Header: map[string]string{"Retry-After": "1"}}.write(w)
	},
	"moved": func(w http.ResponseWriter, _ *http.Request) {
		Response{Status: 307, Header: map[string]string{"Location": "/"}}.write(w)
	},
	"endless": func(w http.ResponseWriter, r *http.Request) {
		Response{Status: 200, Body: `{"a":"`}.write(w)
		writeForever(w, r)
	},
}

// newServer starts a server that reads each request before handle is called, so that a
// connection is closed after the request.
func newServer(t *testing.T, handle http.HandlerFunc) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		handle(w, r)
	}))
	t.Cleanup(server.Close)
	return server
}

// closeConn writes a string to the connection and closes it.
func closeConn(w http.ResponseWriter, s string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	_, _ = conn.Write([]byte(s))
	_ = conn.Close()
}

// writeForever writes until the connection is closed.
func writeForever(w http.ResponseWriter, r *http.Request) {
	spaces := bytes.Repeat([]byte(" "), 64<<10)
	for r.Context().Err() == nil {
		if _, err := w.Write(spaces); err != nil {
			return
		}
	}
}
