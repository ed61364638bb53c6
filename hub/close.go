package hub

import (
	"context"
	"encoding/binary"
	"errors"
	"strconv"
	"unicode/utf8"
)

// Close codes that the hub sends by itself. 1001, 1011 and 1012 are registered
// (RFC 6455, section 11.7); codes from 4000 on are private.
const (
	codeGoingAway     = 1001
	codeInternalError = 1011
	CodeRestart       = 1012 // reconnect, to another node
	CodeBehind        = 4001 // reconnect now, and resume
)

// A Close ends a socket with a code that says whether the client should reconnect.
// It is an error, so that a handler can return it and a context can have it as
// its cause.
type Close struct {
	Code   int
	Reason string // for debugging; cut at 123 bytes, the limit of a close frame
}

func (c *Close) Error() string {
	return "hub: close " + strconv.Itoa(c.Code) + ": " + c.Reason
}

// closeFrame returns the payload of the close frame for cause. The client sees a
// reason only if cause is a *Close.
func closeFrame(cause error) []byte {
	code, reason := codeInternalError, ""
	if c, ok := errors.AsType[*Close](cause); ok {
		code, reason = c.Code, c.Reason
	} else if errors.Is(cause, context.Canceled) || errors.Is(cause, context.DeadlineExceeded) {
		code = codeGoingAway
	}
	const maxReason = 125 - 2 // RFC 6455, section 5.5: the code takes two bytes
	if len(reason) > maxReason {
		reason = reason[:maxReason]
		for !utf8.ValidString(reason) {
			reason = reason[:len(reason)-1]
		}
	}
	frame := binary.BigEndian.AppendUint16(make([]byte, 0, 2+len(reason)), uint16(code))
	return append(frame, reason...)
}
