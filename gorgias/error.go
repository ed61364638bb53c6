package gorgias

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An Error describes a request without a usable response. Its text contains no
// query, body or Data, because these may contain personal data.
type Error struct {
	Action     string          // verb and object: "create ticket"
	Method     string          // GET, POST, PUT, DELETE
	Status     int             // 0: no response; 2xx: the response could not be decoded
	Message    string          // Gorgias' message, at most 200 bytes
	Data       json.RawMessage // which fields are invalid; may contain personal data
	HTML       bool            // the response was HTML, not JSON
	Written    bool            // at least a part of the request was written to the network
	RetryAfter time.Duration   // minimum wait before a retry, if known
	RequestID  string          // Gorgias' id of the request
	Location   string          // of a redirect; may contain personal data
	OtherHost  bool            // of a redirect: it leads to another host
	Cause      error           // why there is no usable response
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "gorgias: %s", e.Action)
	if e.Status != 0 {
		fmt.Fprintf(&s, ": %d", e.Status)
	}
	if e.Message != "" {
		fmt.Fprintf(&s, ": %s", e.Message)
	}
	if e.Cause != nil {
		fmt.Fprintf(&s, ": %v", e.Cause)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&s, " (request %s)", e.RequestID)
	}
	return s.String()
}

func (e *Error) Unwrap() error { return e.Cause }

// Unknown reports whether a change may have been made despite the error. Check for
// it before retrying. Call Unknown before Temporary.
func (e *Error) Unknown() bool {
	if e.Method == http.MethodGet {
		return false
	}
	if e.Status == 0 {
		return e.Written
	}
	return e.Status < 300 || e.Status == http.StatusRequestTimeout || e.Status >= 500
}

// Temporary reports whether a retry may succeed.
func (e *Error) Temporary() bool {
	return e.Status < 300 || e.Status == http.StatusRequestTimeout ||
		e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// Gone reports whether the object does not exist, or no longer. An object that was
// merged into another one is not gone: see Client.redirectPath.
func (e *Error) Gone() bool {
	return e.Status == http.StatusNotFound && !e.HTML || e.Status == http.StatusGone
}

// Moved reports whether the response was a redirect that can't be followed: to
// another host, to another kind of object, or in a loop.
func (e *Error) Moved() bool { return e.Status/100 == 3 }

// NoAccount reports whether the account does not exist. Gorgias then answers with
// HTML instead of JSON.
func (e *Error) NoAccount() bool { return e.Status == http.StatusNotFound && e.HTML }

// BadKey reports whether Gorgias refused the username or the key.
func (e *Error) BadKey() bool { return e.Status == http.StatusUnauthorized }

// Quota reports whether the plan's quota is used up. Only the message says so:
// "Messaging quota exceeded."
func (e *Error) Quota() bool {
	return e.Status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Message), "quota")
}

// Forbidden reports whether the key's owner may not do this.
func (e *Error) Forbidden() bool { return e.Status == http.StatusForbidden && !e.Quota() }

// errorIs reports whether err is an *Error that satisfies the condition.
func errorIs(err error, condition func(*Error) bool) bool {
	var e *Error
	return errors.As(err, &e) && condition(e)
}

// decode reads the body of an unsuccessful response: {"error":{"msg","data"}}.
func (e *Error) decode(header http.Header, body []byte) {
	if e.Moved() {
		e.Location = header.Get("Location")
	}
	body = bytes.TrimSpace(body)
	e.HTML = bytes.HasPrefix(body, []byte("<")) ||
		strings.Contains(strings.ToLower(header.Get("Content-Type")), "html")
	var envelope struct {
		Error struct {
			Msg  string          `json:"msg"`
			Data json.RawMessage `json:"data"`
		} `json:"error"`
	}
	if json.Unmarshal(body, &envelope) == nil {
		msg := envelope.Error.Msg
		e.Message = strings.ToValidUTF8(msg[:min(len(msg), 200)], "")
		e.Data = envelope.Error.Data
	}
}
