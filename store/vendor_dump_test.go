package store_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"sidetext/chat"
	"sidetext/store"
)

// shopTables are the tables of a shop that vendors and privacy requests are about.
var shopTables = []string{
	"connections", "events", "customers", "customer_phones", "unreadable_phones", "orders", "fulfillments", "subscriptions", "charges", "deletions",
	"consents", "suppressions", "reconciliations", "privacy_requests", "shoppers", "conversations", "entries", "deliveries", "escalations", "tickets",
}

// dump returns all rows of a shop, as text.
func dump(t *testing.T, s *store.Store, shop chat.ShopID) string {
	t.Helper()
	var all strings.Builder
	for _, table := range shopTables {
		rows, err := store.DumpTable(t.Context(), s, table, shop)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&all, "%s\n\t%s\n", table, strings.Join(rows, "\n\t"))
	}
	return all.String()
}

// isEmpty reports whether a result is nothing, or a list without elements.
func isEmpty(result any) bool {
	v := reflect.ValueOf(result)
	return !v.IsValid() || v.IsZero() || v.Kind() == reflect.Slice && v.Len() == 0
}
