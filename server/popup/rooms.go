package popup

import (
	"context"
	"errors"
	"strings"
	"time"

	"sidetext/chat"
	"sidetext/hub"
	"sidetext/server/cluster"
	"sidetext/server/metrics"
	"sidetext/store"
)

// RoomName names a conversation's room. The shop is part of the name, so that no
// mistake about a conversation can cross from one shop to another.
func RoomName(shop chat.ShopID, id chat.ConversationID) string {
	return string(shop) + "/" + string(id)
}

// Rooms reads the content of rooms for the hub.
type Rooms struct {
	Store      *store.Store
	GorgiasURL string // with {account}
	Metrics    *metrics.Metrics
	Now        func() time.Time
}

// Read is the hub's ReadFunc.
func (r *Rooms) Read(ctx context.Context, room string, since int64) (hub.Update, error) {
	if node, ok := cluster.CanaryNode(room); ok {
		return cluster.ReadCanary(ctx, r.Store, node, since)
	}
	shop, id, _ := strings.Cut(room, "/")
	snapshot, reset, err := r.Store.Snapshot(ctx, chat.ShopID(shop), chat.ConversationID(id), since)
	if errors.Is(err, chat.ErrNotFound) {
		return hub.Update{}, &hub.Close{Code: closeNotFound, Reason: "there is no such conversation"}
	}
	if err != nil {
		return hub.Update{}, err
	}
	if snapshot.Conversation.Rev == since {
		return hub.Update{}, nil // as nearly always at a heartbeat
	}
	update := hub.Update{From: since, Rev: snapshot.Conversation.Rev}
	if !reset { // otherwise too much for one frame: viewers learn the revision, and open again
		update.Frame, err = r.changed(since, snapshot)
		r.measure(snapshot.Entries)
	}
	return update, err
}

// Revisions is the hub's ReadRevisions.
func (r *Rooms) Revisions(ctx context.Context, rooms []string) (map[string]int64, error) {
	found := make(map[string]int64, len(rooms))
	wanted := make([]store.Room, 0, len(rooms))
	for _, name := range rooms {
		node, ok := cluster.CanaryNode(name)
		if !ok {
			shop, id, _ := strings.Cut(name, "/")
			wanted = append(wanted, store.Room{Shop: chat.ShopID(shop), ID: chat.ConversationID(id)})
			continue
		}
		rev, err := r.Store.CanaryRevision(ctx, node)
		if err != nil && !errors.Is(err, chat.ErrNotFound) {
			return nil, err
		}
		found[name] = rev
	}
	revisions, err := r.Store.Revisions(ctx, wanted)
	for at, rev := range revisions {
		found[RoomName(at.Shop, at.ID)] = rev
	}
	return found, err
}

// measure observes how long texts from shoppers took until they were shown.
func (r *Rooms) measure(entries []chat.Entry) {
	now := r.Now()
	for _, e := range entries {
		if took := now.Sub(e.At); e.Way == chat.In && took < time.Minute { // older: a pop-up was just opened
			r.Metrics.WebhookFrame.Observe(max(took, 0).Seconds())
		}
	}
}
