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

// An Error is a request that brought no usable answer. Its text holds no query,
// no body and no Data, because those hold people's addresses.
type Error struct {
	Doing      string          // verb and object: "create ticket"
	Method     string          // GET, POST, PUT, DELETE
	Status     int             // 0: there was no answer; 2xx: it could not be read
	Message    string          // Gorgias' own words, at most 200 bytes
	Data       json.RawMessage // which fields it minds; may hold people's data
	HTML       bool            // the answer was a page, not JSON
	Written    bool            // the request, or a part of it, was written to the network
	RetryAfter time.Duration   // not before this has passed, when known
	RequestID  string          // Gorgias' name for the request
	Location   string          // of a redirect: where it leads; may hold people's data
	OtherHost  bool            // of a redirect: it leads away from the account's address
	Cause      error           // without an answer: why
}

func (e *Error) Error() string {
	var s strings.Builder
	fmt.Fprintf(&s, "gorgias: %s", e.Doing)
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

// Unknown reports whether a change may have been carried out all the same: look
// before asking again. Ask this before Temporary.
func (e *Error) Unknown() bool {
	if e.Method == http.MethodGet {
		return false
	}
	if e.Status == 0 {
		return e.Written
	}
	return e.Status < 300 || e.Status == http.StatusRequestTimeout || e.Status >= 500
}

// Temporary reports whether the same request may work later.
func (e *Error) Temporary() bool {
	return e.Status < 300 || e.Status == http.StatusRequestTimeout ||
		e.Status == http.StatusTooManyRequests || e.Status >= 500
}

// Gone reports whether the object is not there (any more): deleted or never
// made. An object that was merged into another is not gone: see Client.redirect.
func (e *Error) Gone() bool {
	return e.Status == http.StatusNotFound && !e.HTML || e.Status == http.StatusGone
}

// Moved reports whether the answer was a redirect that can't be followed: it
// leads to another host, to another kind of object, or in a circle.
func (e *Error) Moved() bool { return e.Status/100 == 3 }

// NoAccount reports whether there is no helpdesk of this name. It then answers
// with a page instead of JSON.
func (e *Error) NoAccount() bool { return e.Status == http.StatusNotFound && e.HTML }

// BadKey reports whether the key, or the e-mail address with it, was refused.
func (e *Error) BadKey() bool { return e.Status == http.StatusUnauthorized }

// Quota reports whether the merchant's plan is used up. Gorgias tells only in
// words: "Messaging quota exceeded."
func (e *Error) Quota() bool {
	return e.Status == http.StatusForbidden && strings.Contains(strings.ToLower(e.Message), "quota")
}

// Forbidden reports whether the key's owner may not do this.
func (e *Error) Forbidden() bool { return e.Status == http.StatusForbidden && !e.Quota() }

// errorIs reports whether err is an *Error for which what holds.
func errorIs(err error, what func(*Error) bool) bool {
	var e *Error
	return errors.As(err, &e) && what(e)
}

// decode takes what an answer that is no success says: {"error":{"msg","data"}}.
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
