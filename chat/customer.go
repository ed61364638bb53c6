package chat

import "time"

// A CustomerID identifies a customer of a shop, whatever vendors know them.
type CustomerID string

// A Customer is a person who has bought, or may buy, in a shop's store.
type Customer struct {
	ID         CustomerID
	Shop       ShopID
	ShopifyID  string
	RechargeID string
	Name       string
	Email      string
	Locale     string
	TimeZone   string // of the address; empty: unknown
	Country    string
	Zip        string

	ShopifyUpdatedAt  time.Time // of the newest record of the vendor's that was applied
	RechargeUpdatedAt time.Time
}

// A PhoneLink says that a customer has, or had, a phone.
type PhoneLink struct {
	Phone    Phone
	Customer CustomerID
	Source   PhoneSource // the surest one
	SeenAt   time.Time   // the newest evidence, by the vendor's clock
	EndedAt  time.Time   // the customer has another phone since then; zero: has this one
}

// Open reports whether the phone is still the customer's.
func (l PhoneLink) Open() bool { return l.EndedAt.IsZero() }

// A Person is a customer with all that the directory knows of them, to make the
// Profile of a phone.
type Person struct {
	Customer      Customer
	Link          PhoneLink // to the phone
	Subscriptions []SubscriptionRecord
	Charges       []ChargeRecord // queued or failed, the earliest first
	Orders        []OrderRecord  // the newest one, if any
	Fulfillments  []FulfillmentRecord
	Proof         string    // the order or charge that proves a purchase: "order #1001"; empty: none
	LastOrderAt   time.Time // of the newest purchase; zero: none
}

// A Profile is what agents and automation see of the person behind a phone. It is
// made whenever the directory changes, and kept with the shopper.
type Profile struct {
	Customer   CustomerID `json:"customer,omitempty"` // of several, the preferred one
	ShopifyID  string     `json:"shopify,omitempty"`
	RechargeID string     `json:"recharge,omitempty"`
	Others     int        `json:"others,omitempty"` // how many more people have the phone
	Proof      string     `json:"proof,omitempty"`  // see Person.Proof
	LinkedAt   time.Time  `json:"linked_at,omitzero"`
	BoughtAt   time.Time  `json:"bought_at,omitzero"` // the newest purchase

	NextCharge    *NextCharge    `json:"next_charge,omitempty"`
	FailedCharge  *NextCharge    `json:"failed_charge,omitempty"`
	Subscriptions []Subscription `json:"subscriptions,omitempty"` // the active ones
	LastOrder     *LastOrder     `json:"last_order,omitempty"`

	// Marketing says whether the person wants marketing texts on the phone; empty: unknown.
	Marketing ConsentState `json:"marketing,omitempty"`

	TimeZone string `json:"time_zone,omitempty"` // of the address, else of the number; IANA
	Locale   string `json:"locale,omitempty"`
}

// A NextCharge is the next payment of a subscriber.
type NextCharge struct {
	ID       string       `json:"id"`
	On       string       `json:"on"` // "2026-12-09"
	Total    string       `json:"total,omitempty"`
	Currency string       `json:"currency,omitempty"`
	Items    []ChargeItem `json:"items,omitempty"`
}

// A Subscription is one that is active.
type Subscription struct {
	ID       string `json:"id"`
	Product  string `json:"product"`
	Variant  string `json:"variant,omitempty"`
	Quantity int    `json:"quantity"`
	Unit     string `json:"unit,omitempty"`
	Every    int    `json:"every,omitempty"`
	Next     string `json:"next,omitempty"` // "2026-12-09"
	Prepaid  bool   `json:"prepaid,omitempty"`
}

// A LastOrder is a shopper's newest order.
type LastOrder struct {
	ID       string     `json:"id"`
	Name     string     `json:"name"` // "#1001"
	At       time.Time  `json:"at"`
	Status   string     `json:"status"` // for people: "On its way"
	Tracking []Tracking `json:"tracking,omitempty"`
}

// A Tracking is a parcel.
type Tracking struct {
	Company string `json:"company,omitempty"`
	Number  string `json:"number,omitempty"`
	URL     string `json:"url,omitempty"` // https only
	Status  string `json:"status,omitempty"`
}
