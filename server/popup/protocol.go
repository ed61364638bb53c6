package popup

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
	"sidetext/server/web"
	"sidetext/store"
)

// A socketSession is one open socket: an agent's session and the conversation that
// its page has opened.
type socketSession struct {
	popup   *Popup
	request *fasthttp.RequestCtx
	session store.Session
	rate    *rate.Limiter
	opened  chat.ConversationID

	identified sync.Once
}

func (s *socketSession) serve(conn *websocket.Conn) {
	s.popup.sockets.Add(1)
	defer s.popup.sockets.Done()
	defer s.recovered()
	// fasthttp keeps the request until we return. It is not needed any more, and
	// larger than everything else that an open pop-up needs.
	s.request.Request.Header = fasthttp.RequestHeader{}
	s.request.Response.Header = fasthttp.ResponseHeader{}
	ctx, end := context.WithCancelCause(context.Background())
	defer end(nil)
	if s.session.Shop == "" {
		end(ErrSignedOut)
	}
	err := s.popup.Hub.Serve(ctx, conn, s.handle)
	s.popup.Log.Debug("socket closed", "shop", s.session.Shop, "conversation", s.opened, "why", err)
}

func (s *socketSession) recovered() {
	if p := recover(); p != nil {
		s.popup.Log.Error("socket handler panicked", "conversation", s.opened, "stack", string(debug.Stack()))
	}
}

// A request is a message from a page. The type decides which fields count.
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

// handle acts on one message of the page, in a goroutine of its own: JSON and SQL
// need a deep stack, and that of the reader, which waits for hours, would keep
// what it once grew to.
func (s *socketSession) handle(socket *hub.Socket, data []byte) error {
	done := make(chan error, 1)
	go func() {
		err := errors.New("panic")
		defer func() { done <- err }()
		defer s.recovered()
		err = s.act(socket, data)
	}()
	return <-done
}

// act does what a message asks for. A message that can't be read closes the socket
// with a code that says so.
func (s *socketSession) act(socket *hub.Socket, data []byte) error {
	if s.session.Shop == "" {
		return ErrSignedOut
	}
	var r request
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil || decoder.Decode(&struct{}{}) != io.EOF {
		return &hub.Close{Code: closeProtocol, Reason: "unknown message"}
	}
	if !s.rate.Allow() {
		return &hub.Close{Code: closeProtocol, Reason: "too many messages"}
	}
	s.identified.Do(func() {
		socket.Identify(hub.Identity{
			Group: string(s.session.Shop), Session: store.SessionKey(s.session.ID), Person: hub.Person{ID: s.session.Agent.ID, Name: s.session.Agent.Name},
		})
	})
	// Before every message, because a client need not send "beat".
	find := s.popup.Store.Session
	switch r.Type {
	case "beat":
		find = s.popup.Store.PeekSession
	case "open":
		if err := s.popup.Limiter.Acquire(); err != nil {
			return err
		}
		defer s.popup.Limiter.Release()
	}
	if err := s.stillSignedIn(find); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	if r.Type == "open" {
		return s.open(ctx, socket, r)
	}
	if s.opened == "" {
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
		return s.send(ctx, socket, r)
	case "again":
		return s.sendAgain(ctx, socket, r)
	case "check":
		return s.reply(socket, r, s.popup.Bridge.CheckAgain(ctx, s.session.Shop, s.opened, r.Seq))
	case "leave":
		return s.reply(socket, r, s.popup.Bridge.KeepAsIs(ctx, s.session.Shop, s.opened, s.session.Agent, r.Seq))
	case "hand_back":
		return s.reply(socket, r, s.popup.Bridge.HandBack(ctx, s.session.Shop, s.opened, s.session.Agent))
	case "earlier":
		return s.earlier(ctx, socket, r)
	}
	return &hub.Close{Code: closeProtocol, Reason: "unknown message"}
}

// stillSignedIn closes the socket if its session has ended.
func (s *socketSession) stillSignedIn(find func(context.Context, string, store.SessionRole, time.Time) (store.Session, error)) error {
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	_, err := find(ctx, s.session.ID, store.AgentSession, s.popup.Now())
	if errors.Is(err, chat.ErrNotFound) {
		return ErrSignedOut
	}
	return nil // an unreadable store signs no agent out
}

func (s *socketSession) open(ctx context.Context, socket *hub.Socket, r request) error {
	if s.opened != "" && s.opened != r.Conversation {
		return &hub.Close{Code: closeProtocol, Reason: "one conversation for each connection"}
	}
	if r.Since < 0 || r.Epoch != s.popup.Store.Epoch() {
		r.Since = 0
	}
	socket.Join(RoomName(s.session.Shop, r.Conversation)) // first, so that no update is lost in between
	snapshot, reset, err := s.popup.Store.Snapshot(ctx, s.session.Shop, r.Conversation, r.Since)
	switch {
	case errors.Is(err, chat.ErrNotFound):
		return &hub.Close{Code: closeNotFound, Reason: "there is no such conversation"}
	case err != nil:
		return err
	}
	frame, err := s.popup.Rooms.opened(s.session, snapshot, reset)
	if err != nil {
		return err
	}
	s.opened = r.Conversation
	socket.SendSnapshot(frame, snapshot.Conversation.Rev)
	return nil
}

func (s *socketSession) send(ctx context.Context, socket *hub.Socket, r request) error {
	if len(r.ID) < 8 || len(r.ID) > 64 {
		return &hub.Close{Code: closeProtocol, Reason: "a text needs an id"}
	}
	seq, err := s.popup.Bridge.Reply(ctx, s.session.Shop, s.opened, s.session.Agent, bridge.Reply{ID: r.ID, Text: r.Text, Seen: r.Seen, Anyway: r.Anyway})
	if err == nil {
		return sendFrame(socket, savedFrame{"saved", r.ID, seq})
	}
	return s.refuse(socket, r, err)
}

// sendAgain sends a text once more that failed, or whose outcome is unknown.
func (s *socketSession) sendAgain(ctx context.Context, socket *hub.Socket, r request) error {
	if len(r.ID) < 8 || len(r.ID) > 64 {
		return &hub.Close{Code: closeProtocol, Reason: "a text needs an id"}
	}
	seq, err := s.popup.Bridge.SendAgain(ctx, s.session.Shop, s.opened, s.session.Agent, r.Seq, bridge.Reply{ID: r.ID, Seen: r.Seen, Anyway: r.Anyway})
	if err == nil {
		return sendFrame(socket, savedFrame{"saved", r.ID, seq})
	}
	return s.refuse(socket, r, err)
}

// reply answers a request that adds no entry.
func (s *socketSession) reply(socket *hub.Socket, r request, err error) error {
	if err != nil {
		return s.refuse(socket, r, err)
	}
	return sendFrame(socket, savedFrame{"saved", r.ID, 0})
}

// refuse says why a request is refused.
func (s *socketSession) refuse(socket *hub.Socket, r request, err error) error {
	var problem *chat.Error
	if !errors.As(err, &problem) {
		s.popup.Log.Error("socket request failed", "conversation", s.opened, "error", err)
		problem = chat.ErrUnavailable
	}
	refused := refusedFrame{Type: "refused", ID: r.ID, Code: problem.Code, Text: problem.Text}
	if problem == chat.ErrNewer {
		ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
		defer cancel()
		if newer, err := s.popup.Store.EntriesAfter(ctx, s.session.Shop, s.opened, r.Seen); err == nil {
			refused.Newer = visible(newer)
		}
	}
	return sendFrame(socket, refused)
}

func (s *socketSession) earlier(ctx context.Context, socket *hub.Socket, r request) error {
	entries, more, err := s.popup.Store.EntriesBefore(ctx, s.session.Shop, s.opened, r.Before)
	if err != nil {
		return s.refuse(socket, r, err)
	}
	return sendFrame(socket, earlierFrame{"earlier", visible(entries), more})
}

func sendFrame(socket *hub.Socket, frame any) error {
	data, err := json.Marshal(frame)
	if err != nil {
		return err
	}
	return socket.Send(data)
}
