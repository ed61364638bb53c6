package main

import (
	"context"
	"errors"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/store"
)

// What nodes tell each other beyond "look at this conversation". An event that
// gets lost costs time and nothing else: all of it is in the database, too.
const (
	nodesWake     = "wake"     // there is something to deliver
	nodesResume   = "resume"   // an account's trouble was put right
	nodesSettings = "settings" // what a shop has chosen, or its lines, changed
	nodesSession  = "session"  // somebody was signed out
	nodesShop     = "shop"     // something that all agents of a shop want to know
)

// tellNodes tells the other nodes something, and does here what it asks for.
func (s *server) tellNodes(e hub.Event) {
	s.hear(e)
	s.hub.PublishEvent(e)
}

// hear does what an event asks for. Nobody may make us do more than look: a
// channel between machines is not a place to take orders from.
func (s *server) hear(e hub.Event) {
	switch e.Kind {
	case nodesWake:
		s.courier.WakeLocal()
	case nodesResume:
		s.courier.Resume(e.Subject)
	case nodesSettings:
		s.doors.reset()
	case nodesSession:
		s.leavers.wake()
	case nodesShop:
		s.rings.add(e)
	}
}

// nudgeOthers wakes the couriers of the other nodes: one of them has work to do.
func (s *server) nudgeOthers() { s.hub.PublishEvent(hub.Event{Kind: nodesWake}) }

// announce says that a room's conversation has reached a revision: by the bus,
// when there is one, so that it goes its whole way here as well.
func (s *server) announce(room string, rev int64) {
	if _, alone := s.bus.(alone); alone {
		s.hub.Hint(room, rev)
		return
	}
	s.hub.PublishHint(room, rev)
}

// revs reads for the hub where conversations are.
func (s *server) revs(ctx context.Context, rooms []string) (map[string]int64, error) {
	found := make(map[string]int64, len(rooms))
	asked := make([]store.Room, 0, len(rooms))
	for _, name := range rooms {
		shop, id, _ := strings.Cut(name, "/")
		if shop != canaryShop {
			asked = append(asked, store.Room{Shop: chat.ShopID(shop), ID: chat.ConversationID(id)})
			continue
		}
		rev, err := s.store.CanaryRevision(ctx, id)
		if err != nil && !errors.Is(err, chat.ErrNotFound) {
			return nil, err
		}
		found[name] = rev
	}
	revs, err := s.store.Revisions(ctx, asked)
	for at, rev := range revs {
		found[room(at.Shop, at.ID)] = rev
	}
	return found, err
}

// leavers are those who were signed out: their sockets end on every node. It asks
// the database every two seconds, and at once when it is told of one.
type leavers struct {
	*server
	woken chan struct{}
}

const leaversEvery = 2 * time.Second

func (l *leavers) init(s *server) { l.server, l.woken = s, make(chan struct{}, 1) }

func (l *leavers) wake() {
	select {
	case l.woken <- struct{}{}:
	default:
	}
}

func (l *leavers) run(ctx context.Context) {
	tick := time.NewTicker(leaversEvery)
	defer tick.Stop()
	since := l.now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.woken:
		case <-tick.C:
		}
		asking, cancel := context.WithTimeout(ctx, handleWithin)
		asked := l.now()
		keys, _, err := l.store.EndedSessions(asking, since)
		cancel()
		if err != nil {
			if ctx.Err() == nil {
				l.log.Warn("who was signed out can't be read", "error", err)
			}
			continue
		}
		since = asked // and not when the last one was: the clock may have been wrong then
		l.hub.EndSessions(keys, &hub.Close{Code: closeSignedIn, Reason: "please sign in"})
	}
}
