package twilio

import (
	"errors"
	"io"
	"net/http"
	"time"
)

var errDeadline = errors.New("twilio: the deadline of the request has passed")

// enforceDeadline makes a POST check its deadline immediately before its body is sent.
// Timers are not enough: in a process that was suspended for longer than its lease, the
// request may go on before the timer fires, while another worker has claimed the text.
// The header may have been sent by then; without the body the server ignores it, and the
// connection is closed.
func enforceDeadline(req *http.Request) {
	deadline, ok := req.Context().Deadline()
	if !ok {
		return
	}
	newBody := req.GetBody
	req.GetBody = func() (io.ReadCloser, error) {
		body, err := newBody()
		return &deadlineBody{body, deadline}, err
	}
	req.Body = &deadlineBody{req.Body, deadline}
}

// A deadlineBody fails if its first byte is read after the deadline.
type deadlineBody struct {
	io.ReadCloser
	deadline time.Time // zero after the first read
}

func (b *deadlineBody) Read(p []byte) (int, error) {
	if now := time.Now(); !b.deadline.IsZero() {
		// Only the wall clock goes on while the machine sleeps.
		if !now.Before(b.deadline) || !now.Round(0).Before(b.deadline.Round(0)) {
			return 0, errDeadline
		}
		b.deadline = time.Time{}
	}
	return b.ReadCloser.Read(p)
}
