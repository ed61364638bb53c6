package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"sidetext/chat"
	"sidetext/store"
)

// Records in any order, any of them more than once and in transactions of any size,
// make the same directory as each once in the order of its time.
func TestDirectoryInAnyOrder(t *testing.T) {
	t.Parallel()
	s := open(t, filepath.Join(t.TempDir(), "test.db"))
	shops := 0
	rapid.Check(t, func(t *rapid.T) {
		shops++
		inOrder := drawRecords(t)
		anyOrder := rapid.Permutation(inOrder).Draw(t, "order")
		for _, i := range rapid.SliceOfN(rapid.IntRange(0, len(inOrder)-1), 0, 5).Draw(t, "repeated") {
			at := rapid.IntRange(0, len(anyOrder)).Draw(t, "where")
			anyOrder = slices.Insert(anyOrder, at, inOrder[i])
		}
		want := directoryOf(t, s, fmt.Sprint("ordered", shops), slices.Chunk(inOrder, len(inOrder)))
		got := directoryOf(t, s, fmt.Sprint("any", shops), slices.Chunk(anyOrder, rapid.IntRange(1, 5).Draw(t, "size")))
		if got != want {
			t.Errorf("the directory is\n%s\nin the order of time it is\n%s", got, want)
		}
	})
}

// directoryOf makes a shop whose directory is these updates, and describes it.
func directoryOf(t *rapid.T, s *store.Store, name string, batches func(func([]chat.DirectoryUpdate) bool)) (description string) {
	ctx := context.Background()
	config, err := createShop(ctx, s, name)
	if err != nil {
		t.Fatal(err)
	}
	for batch := range batches {
		if _, err := store.ApplyUpdates(ctx, s, config.Shop.ID, noon, batch...); err != nil {
			t.Fatal(err)
		}
	}
	for _, phone := range modelPhones {
		turn, err := s.Receive(ctx, config, phone, noon, func(*chat.Turn) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		p := turn.Shopper
		profile := p.Profile()
		profile.Customer = "" // made by chance
		people, err := s.People(ctx, config.Shop.ID, phone)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := json.Marshal(profile)
		if err != nil {
			t.Fatal(err)
		}
		// Of several people who are equal the one who became known first is preferred.
		if profile.Others == 0 {
			description += fmt.Sprintf("%q %q %v %s\n", p.Name, p.Email, p.Purchased, doc)
		}
		for _, c := range people {
			c.ID, c.Shop = "", ""
			description += fmt.Sprintf("\t%+v\n", c)
		}
	}
	counts, err := s.DirectoryCounts(ctx, config.Shop.ID)
	if err != nil {
		t.Fatal(err)
	}
	return description + fmt.Sprintf("%+v", counts)
}

var modelPhones = []chat.Phone{"+14155550101", "+14155550102", "+14155550103"}

// drawRecords draws what happens to some customers at the vendors, each event at its
// own time.
func drawRecords(t *rapid.T) (all []chat.DirectoryUpdate) {
	minute := 0
	draw := func(n int, name string) int { return rapid.IntRange(0, n-1).Draw(t, name) }
	phones := rapid.SliceOfN(rapid.SampledFrom(modelPhones), 3, 3).Draw(t, "phones") // of customers 0, 1 and 2
	created := map[string]int{}
	// Of a subscription that was deleted before it became known, no customer would be
	// known.
	for who := range 3 {
		all = append(all, atRecharge(who, minute))
	}
	for range rapid.IntRange(3, 25).Draw(t, "events") {
		minute++
		who, n := draw(3, "customer"), draw(3, "object")
		id, email, name := strconv.Itoa(600+who), modelEmail(who), modelName(who)
		object := fmt.Sprintf("%d%d", who+1, n)
		first := func(kind string) int {
			if created[kind+object] == 0 {
				created[kind+object] = minute
			}
			return created[kind+object]
		}
		switch draw(10, "event") {
		case 0:
			all = append(all, customers(chat.Shopify, chat.CustomerRecord{ID: id, Name: name, Email: email, Phones: own(phones[who]), Zip: strconv.Itoa(minute), UpdatedAt: at(minute)}))
		case 1:
			all = append(all, atRecharge(who, minute))
		case 2:
			all = append(all, customers(chat.Recharge, chat.CustomerRecord{
				ID: strconv.Itoa(who), Partial: true, UpdatedAt: at(minute), Phones: []chat.PhoneRecord{{Raw: "x", Phone: phones[who], Source: chat.RechargeAddressPhone}},
			}))
		case 3, 4:
			o := chat.OrderRecord{ID: object, CustomerID: id, Name: "#" + object, Email: email, Customer: name, Phones: onOrder(phones[who]), CreatedAt: at(first("order")), UpdatedAt: at(minute), Test: n == 0}
			if draw(3, "cancelled") == 0 {
				o.CancelledAt = at(minute)
			}
			if who == 2 {
				o.CustomerID = ""
			}
			all = append(all, orders(o))
		case 5:
			all = append(all, fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: object, Status: "success", Numbers: []string{strconv.Itoa(minute)}, UpdatedAt: at(minute)}))
		case 6:
			all = append(all, fulfillments(chat.FulfillmentRecord{ID: "1", OrderID: object, ShipmentStatus: fmt.Sprint("status ", minute), Partial: true, UpdatedAt: at(minute)}))
		case 7:
			status := rapid.SampledFrom([]string{"active", "active", "cancelled"}).Draw(t, "status")
			all = append(all, subscriptions(chat.SubscriptionRecord{ID: object, CustomerID: strconv.Itoa(who), Status: status, Product: strconv.Itoa(minute), UpdatedAt: at(minute)}))
		case 8:
			status := rapid.SampledFrom([]string{"queued", "error", "success", "refunded"}).Draw(t, "status")
			all = append(all, charges(chat.ChargeRecord{ID: object, CustomerID: strconv.Itoa(who), ShopifyID: id, Status: status, ScheduledOn: fmt.Sprint("2026-12-1", n), Total: strconv.Itoa(minute), ProcessedAt: at(minute), UpdatedAt: at(minute)}))
		case 9:
			kind := rapid.SampledFrom([]chat.RecordKind{chat.SubscriptionKind, chat.ChargeKind}).Draw(t, "kind")
			all = append(all, deletions(chat.Recharge, chat.Deletion{Kind: kind, ID: object, At: at(minute)}))
		}
	}
	return all
}

func modelName(who int) string  { return fmt.Sprintf("Jane %c", 'A'+who) }
func modelEmail(who int) string { return fmt.Sprint("c", who, "@example.com") }

func atRecharge(who, minute int) chat.DirectoryUpdate {
	return customers(chat.Recharge, chat.CustomerRecord{
		ID: strconv.Itoa(who), ShopifyID: strconv.Itoa(600 + who), Name: modelName(who), Email: modelEmail(who), UpdatedAt: at(minute),
	})
}
