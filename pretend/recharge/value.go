package recharge

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"sync"
	"time"
	_ "time/tzdata" // an image without files has no time zones
)

// Text is null in JSON if it is empty.
type Text string

// MarshalJSON implements json.Marshaler.
func (t Text) MarshalJSON() ([]byte, error) {
	if t == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(t))
}

// External is an id of the store's platform: {"ecommerce": "601"}.
type External string

// MarshalJSON implements json.Marshaler.
func (e External) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]Text{"ecommerce": Text(e)})
}

// UnmarshalJSON implements json.Unmarshaler.
func (e *External) UnmarshalJSON(raw []byte) error {
	var in struct {
		Ecommerce any `json:"ecommerce"`
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return err
	}
	*e = External(idText(in.Ecommerce))
	return nil
}

// idText is the text of an id, which clients send as a number or as a string.
func idText(id any) string {
	switch id := id.(type) {
	case string:
		return id
	case float64:
		return strconv.FormatInt(int64(id), 10)
	}
	return ""
}

// eastern is the time zone of times without an offset
// (docs.getrecharge.com/docs/using-the-api).
var eastern = sync.OnceValue(func() *time.Location {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		panic(err) // it is compiled in
	}
	return zone
})

// Naive is a time without an offset, as customers and subscriptions have it.
type Naive struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (n Naive) MarshalJSON() ([]byte, error) {
	if n.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(n.In(eastern()).Format("2006-01-02T15:04:05"))
}

// Offset is a time with an offset, as charges and orders have it.
type Offset struct{ time.Time }

// MarshalJSON implements json.Marshaler.
func (o Offset) MarshalJSON() ([]byte, error) {
	if o.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(o.UTC().Format("2006-01-02T15:04:05+00:00"))
}

// now is in whole seconds, like all times of the API.
func now() time.Time { return time.Now().Truncate(time.Second) }

// sortable formats a time so that texts sort like times.
func sortable(at time.Time) string { return at.UTC().Format("2006-01-02T15:04:05") }

// parseTime parses a time of a filter. Without an offset it is Eastern.
func parseTime(text string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, true
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05", time.DateOnly} {
		if at, err := time.ParseInLocation(form, text, eastern()); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// today is the date in the time zone of Recharge.
func today() string { return time.Now().In(eastern()).Format(time.DateOnly) }

// parseDate returns a date without its time, or "" if it is none.
func parseDate(text string) string {
	text = text[:min(len(text), len(time.DateOnly))]
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return ""
	}
	return text
}

// addInterval returns the date n units after a date. The end of a short month limits it.
func addInterval(date Text, unit string, n int) Text {
	at, err := time.Parse(time.DateOnly, string(date))
	if err != nil {
		return ""
	}
	switch unit {
	case "week":
		at = at.AddDate(0, 0, 7*n)
	case "month":
		first := at.AddDate(0, n, 1-at.Day())
		at = first.AddDate(0, 0, min(at.Day(), first.AddDate(0, 1, -1).Day())-1)
	default:
		at = at.AddDate(0, 0, n)
	}
	return Text(at.Format(time.DateOnly))
}

// money adds the products of prices and quantities.
func money(lines []Line) string {
	sum := new(big.Rat)
	for _, l := range lines {
		if price, ok := new(big.Rat).SetString(string(l.Price)); ok {
			sum.Add(sum, price.Mul(price, big.NewRat(int64(l.Quantity), 1)))
		}
	}
	return sum.FloatString(2)
}

type row interface {
	*Customer | *Address | *Subscription | *Onetime | *Charge | *Order | *PaymentMethod | *Hook
	id() int64
	// field returns the values of a field to filter and sort by; nil: no such field.
	field(name string) []string
}

// insert keeps rows sorted by id.
func insert[T row](rows []T, r T) []T {
	i, _ := index(rows, r.id())
	return slices.Insert(rows, i, r)
}

func index[T row](rows []T, id int64) (int, bool) {
	return slices.BinarySearchFunc(rows, id, func(r T, id int64) int { return cmp.Compare(r.id(), id) })
}

// find returns the row with an id, or nil.
func find[T row](rows []T, id int64) T {
	if i, ok := index(rows, id); ok {
		return rows[i]
	}
	return nil
}

// remove removes a row.
func remove[T row](rows []T, r T) []T {
	return slices.DeleteFunc(rows, func(other T) bool { return other == r })
}
