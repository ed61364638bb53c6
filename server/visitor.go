package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime/debug"
	"sync"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/valyala/fasthttp"
	"golang.org/x/time/rate"

	"sidetext/bridge"
	"sidetext/chat"
	"sidetext/hub"
	"sidetext/store"
)

// A visitor is somebody at the other end of a socket.
type visitor struct {
	*server
	request *fasthttp.RequestCtx
	session store.Session
	pace    *rate.Limiter
	opened  chat.ConversationID

	introduced sync.Once
}

func (v *visitor) serve(conn *websocket.Conn) {
	v.live.Add(1)
	defer v.live.Done()
	defer v.recovered()
	// fasthttp keeps the request until we return. We are done with it, and it is
	// larger than everything else that an open pop-up needs.
	v.request.Request.Header = fasthttp.RequestHeader{}
	v.request.Response.Header = fasthttp.ResponseHeader{}
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	if v.session.Shop == "" {
		end(errSignedOut) // a stranger gets a word and not a minute
	}
	err := v.hub.Serve(ctx, conn, v.hear)
	v.log.Debug("a live connection ended", "shop", v.session.Shop, "conversation", v.opened, "why", err)
}

func (v *visitor) recovered() {
	if p := recover(); p != nil {
		v.log.Error("a live connection panicked", "conversation", v.opened, "stack", string(debug.Stack()))
	}
}

// request is what a page may say. The type decides which fields count.
type request struct {
	Type         string              `json:"type"`
	Conversation chat.ConversationID `json:"conversation"`
	Since        int64               `json:"since"`
	Epoch        string              `json:"epoch"`
	ID           string              `json:"id"`
	Text         string              `json:"text"`
	Seq          int64               `json:"seq"`
	Seen         int64               `json:"seen"`
	Anyway       bool                `json:"anyway"`
	Before       int64               `json:"before"`
	On           bool                `json:"on"`
}

// hear acts on one message of the page, in a goroutine of its own: JSON and SQL
// need a deep stack, and that of the reader, which waits for hours, would keep
// what it once grew to.
func (v *visitor) hear(socket *hub.Socket, data []byte) error {
	done := make(chan error, 1)
	go func() {
		err := errors.New("panic")
		defer func() { done <- err }()
		defer v.recovered()
		err = v.act(socket, data)
	}()
	return <-done
}

var errSignedOut = &hub.Close{Code: closeSignedIn, Reason: "please sign in"}

// act does what a message asks for. What can't be understood ends the connection
// with a code that says so: it is never half obeyed.
func (v *visitor) act(socket *hub.Socket, data []byte) error {
	if v.session.Shop == "" {
		return errSignedOut
	}
	var r request
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil || decoder.Decode(&struct{}{}) != io.EOF {
		return &hub.Close{Code: closeProtocol, Reason: "that is no message of ours"}
	}
	if !v.pace.Allow() {
		return &hub.Close{Code: closeProtocol, Reason: "too many messages"}
	}
	v.introduced.Do(func() {
		socket.Identify(hub.Identity{
			Group: string(v.session.Shop), Session: store.SessionKey(v.session.ID), Person: hub.Person{ID: v.session.Agent.ID, Name: v.session.Agent.Name},
		})
	})
	// Before every message: who never says "beat" must not stay for ever.
	find := v.store.Session
	switch r.Type {
	case "beat":
		find = v.store.PeekSession
	case "open":
		if err := v.opening.pass(); err != nil {
			return err
		}
		defer v.opening.leave()
	}
	if err := v.stillSignedIn(find); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	if r.Type == "open" {
		return v.open(ctx, socket, r)
	}
	if v.opened == "" {
		return &hub.Close{Code: closeProtocol, Reason: "open a conversation first"}
	}
	switch r.Type {
	case "beat":
		return nil
	case "typing":
		socket.SetTyping(r.On)
		return nil
	case "send":
		socket.SetTyping(false)
		return v.send(ctx, socket, r)
	case "again":
		return v.again(ctx, socket, r)
	case "check":
		return v.done(socket, r, v.bridge.CheckAgain(ctx, v.session.Shop, v.opened, r.Seq))
	case "leave":
		return v.done(socket, r, v.bridge.KeepAsIs(ctx, v.session.Shop, v.opened, v.session.Agent, r.Seq))
	case "hand_back":
		return v.done(socket, r, v.bridge.HandBack(ctx, v.session.Shop, v.opened, v.session.Agent))
	case "earlier":
		return v.earlier(ctx, socket, r)
	}
	return &hub.Close{Code: closeProtocol, Reason: "that is no message of ours"}
}

// stillSignedIn ends the connection of somebody whose session was ended.
func (v *visitor) stillSignedIn(find func(context.Context, string, store.SessionRole, time.Time) (store.Session, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	_, err := find(ctx, v.session.ID, store.AgentSession, v.now())
	if errors.Is(err, chat.ErrNotFound) {
		return errSignedOut
	}
	return nil // a store that can't be read is no reason to send anybody away
}

func (v *visitor) open(ctx context.Context, socket *hub.Socket, r request) error {
	if v.opened != "" && v.opened != r.Conversation {
		return &hub.Close{Code: closeProtocol, Reason: "one conversation for each connection"}
	}
	if r.Since < 0 || r.Epoch != v.store.Epoch() {
		r.Since = 0
	}
	socket.Join(room(v.session.Shop, r.Conversation)) // first, so that nothing falls in between
	sight, reset, err := v.store.Snapshot(ctx, v.session.Shop, r.Conversation, r.Since)
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return &hub.Close{Code: closeNotFound, Reason: "there is no such conversation"}
	case err != nil:
		return err
	}
	frame, err := v.server.opened(v.session, sight, reset)
	if err != nil {
		return err
	}
	v.opened = r.Conversation
	socket.SendSnapshot(frame, sight.Conversation.Rev)
	return nil
}

func (v *visitor) send(ctx context.Context, socket *hub.Socket, r request) error {
	if len(r.ID) < 8 || len(r.ID) > 64 {
		return &hub.Close{Code: closeProtocol, Reason: "a text needs an id"}
	}
	seq, err := v.bridge.Reply(ctx, v.session.Shop, v.opened, v.session.Agent, bridge.Reply{ID: r.ID, Text: r.Text, Seen: r.Seen, Anyway: r.Anyway})
	if err == nil {
		return say(socket, savedFrame{"saved", r.ID, seq})
	}
	return v.answer(socket, r, err)
}

// again sends a text once more that failed, or of which nobody knows what became
// of it.
func (v *visitor) again(ctx context.Context, socket *hub.Socket, r request) error {
	if len(r.ID) < 8 || len(r.ID) > 64 {
		return &hub.Close{Code: closeProtocol, Reason: "a text needs an id"}
	}
	seq, err := v.bridge.SendAgain(ctx, v.session.Shop, v.opened, v.session.Agent, r.Seq, bridge.Reply{ID: r.ID, Seen: r.Seen, Anyway: r.Anyway})
	if err == nil {
		return say(socket, savedFrame{"saved", r.ID, seq})
	}
	return v.answer(socket, r, err)
}

// done answers a request that adds nothing with a place of its own.
func (v *visitor) done(socket *hub.Socket, r request, err error) error {
	if err != nil {
		return v.answer(socket, r, err)
	}
	return say(socket, savedFrame{"saved", r.ID, 0})
}

// answer says why a request is refused.
func (v *visitor) answer(socket *hub.Socket, r request, err error) error {
	var told *chat.Error
	if !errors.As(err, &told) {
		v.log.Error("a request on a live connection failed", "conversation", v.opened, "error", err)
		told = chat.ErrUnavailable
	}
	refused := refusedFrame{Type: "refused", ID: r.ID, Code: told.Code, Text: told.Text}
	if told == chat.ErrNewer {
		ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
		defer cancel()
		if newer, err := v.store.EntriesAfter(ctx, v.session.Shop, v.opened, r.Seen); err == nil {
			refused.Newer = shown(newer)
		}
	}
	return say(socket, refused)
}

func (v *visitor) earlier(ctx context.Context, socket *hub.Socket, r request) error {
	entries, more, err := v.store.EntriesBefore(ctx, v.session.Shop, v.opened, r.Before)
	if err != nil {
		return v.answer(socket, r, err)
	}
	return say(socket, earlierFrame{"earlier", shown(entries), more})
}

func say(socket *hub.Socket, frame any) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	return socket.Send(data)
}
