package stage

import (
	"context"
	"testing"
	"time"

	"sidetext/chat"
	"sidetext/server/app"
)

// AddFailure gives a shop a delivery in its conversation with a phone, written
// an hour ago.
func AddFailure(t testing.TB, s *app.App, shop chat.ShopID, with chat.Phone, d chat.Delivery) chat.DeliveryID {
	t.Helper()
	ctx, at := context.Background(), s.Store.Now().Add(-time.Hour)
	lines, err := s.Store.LineConfigs(ctx, shop)
	Must(t, err)
	d.ID, d.Shop, d.At, d.Due = chat.NewID[chat.DeliveryID](at), shop, at, at
	if d.Lane == "" {
		d.Lane = string(d.ID)
	}
	_, err = s.Store.Receive(ctx, lines[0], with, at, func(turn *chat.Turn) error {
		d.Conversation = turn.Conversation.ID
		turn.Deliveries = append(turn.Deliveries, d)
		return nil
	})
	Must(t, err)
	return d.ID
}

// CountFailed counts a shop's failed deliveries.
func (b *Offline) CountFailed(shop chat.Shop) int {
	b.T.Helper()
	_, total, err := b.Store.Failures(context.Background(), shop.ID, 0)
	Must(b.T, err)
	return total
}

// CountWaiting counts a shop's waiting deliveries of a kind.
func (b *Offline) CountWaiting(shop chat.Shop, kind chat.DeliveryKind) (n int64) {
	b.T.Helper()
	backlogs, err := b.Store.Backlogs(context.Background(), shop.ID)
	Must(b.T, err)
	for _, one := range backlogs {
		if one.Kind == kind {
			n += one.Ready
		}
	}
	return n
}
