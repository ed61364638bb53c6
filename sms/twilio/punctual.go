package twilio

import (
	"errors"
	"io"
	"net/http"
	"time"
)

var errLate = errors.New("twilio: the time for this request is over")

// punctual makes a POST find out by itself that its time is over, at the last
// moment before its body leaves. Timers are not enough: in a process that was
// frozen for longer than its lease, the request may go on before the timer
// strikes, while somebody else has taken the text up. The head may have left by
// then; without the body that it announces it is no request, and the connection
// ends.
func punctual(req *http.Request) {
	deadline, ok := req.Context().Deadline()
	if !ok {
		return
	}
	fresh := req.GetBody
	req.GetBody = func() (io.ReadCloser, error) {
		body, err := fresh()
		return &punctualBody{body, deadline}, err
	}
	req.Body = &punctualBody{req.Body, deadline}
}

type punctualBody struct {
	io.ReadCloser
	deadline time.Time // zero once the first byte has left
}

func (b *punctualBody) Read(p []byte) (int, error) {
	if now := time.Now(); !b.deadline.IsZero() {
		// Only the wall clock knows that the whole machine slept.
		if !now.Before(b.deadline) || !now.Round(0).Before(b.deadline.Round(0)) {
			return 0, errLate
		}
		b.deadline = time.Time{}
	}
	return b.ReadCloser.Read(p)
}
