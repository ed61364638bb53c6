package hub

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"unicode/utf8"
)

// Close codes that the hub uses by itself. 1001, 1011 and 1012 are of the
// registry of RFC 6455, section 11.7; from 4000 on they are private.
const (
	goingAway = 1001
	internal  = 1011
	Restart   = 1012 // come back, to another node
	Behind    = 4001 // come back now, and resume
)

// A Close ends a socket with a code that tells the client whether to come back.
// It is an error so that a handler can return it, and so that it can be the
// cause of a context's end.
type Close struct {
	Code   int
	Reason string // for people who debug; cut at 123 bytes, which is what fits
}

func (c *Close) Error() string {
	return "hub: close " + strconv.Itoa(c.Code) + ": " + c.Reason
}

// goodbye is the close frame for why. Only a Close's reason is shown.
func goodbye(why error) []byte {
	code, reason := internal, ""
	if c, ok := errors.AsType[*Close](why); ok {
		code, reason = c.Code, c.Reason
	} else if errors.Is(why, context.Canceled) || errors.Is(why, context.DeadlineExceeded) {
		code = goingAway
	}
	const room = 125 - 2 // RFC 6455, section 5.5
	if len(reason) > room {
		reason = reason[:room]
		for !utf8.ValidString(reason) {
			reason = reason[:len(reason)-1]
		}
	}
	frame := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(reason)), uint16(code))
	return append(frame, reason...)
}
