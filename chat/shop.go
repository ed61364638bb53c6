package chat

import (
	"strings"
	"time"
)

// A Shop is one store and everything that belongs to it. Nobody in one shop
// ever sees a byte of another.
type Shop struct {
	ID       ShopID
	Name     string // as shoppers know it
	Settings Settings
}

// Settings are a merchant's choices.
type Settings struct {
	AutoTickets    bool `json:"auto_tickets"`     // what needs a person becomes a ticket by itself
	MustHaveBought bool `json:"must_have_bought"` // … only for shoppers known to have purchased
	Acknowledge    bool `json:"acknowledge"`      // tell the shopper, once per escalation, that a person will answer

	Email string `json:"email"` // where shoppers write who can't be helped by text; may be empty

	// TimeZone is that of the times that people read, as an IANA name such as
	// "America/New_York"; empty: the one of the place that the number belongs to.
	TimeZone string `json:"time_zone,omitempty"`

	Tag           string        `json:"tag"`             // on every ticket we open
	CardTitle     string        `json:"card_title"`      // of the card beside a ticket
	ReopenWithin  time.Duration `json:"reopen_within"`   // a text after a ticket's close reopens it for so long; negative: for ever
	HandBackAfter time.Duration `json:"hand_back_after"` // automation returns when nobody has written for so long
}

// DefaultSettings is what a new shop starts with.
var DefaultSettings = Settings{
	AutoTickets: true, MustHaveBought: true, Acknowledge: true,
	Tag: "RechargeSMS", CardTitle: "RechargeSMS", ReopenWithin: 72 * time.Hour, HandBackAfter: 24 * time.Hour,
}

// A Line is a number of the shop's that shoppers text.
type Line struct {
	ID       LineID
	Shop     ShopID
	Number   Phone
	Provider string // who carries it: "twilio"
	Account  string // our account there
	Token    Secret // signs the provider's requests, and ours
	Endpoint string // the random part of the addresses that the provider calls
	Service  string // the provider's name for a pool of senders, or empty
	Pace     int    // segments a second that may leave; 0: what carriers take from a number of its kind

	// SigningKey is the secret of a shared key, with which the provider may sign
	// requests in place of Token; empty: there is none.
	SigningKey Secret

	// Refused reports whether a request signed with a shared key was refused, and
	// none was verified since.
	Refused bool
}

// Sends is the Account of texts that leave from the line: each number has a pace
// of its own, and troubles of its own.
func (l Line) SendAccount() string { return sending + l.QueryAccount() + "/" + string(l.Number) }

const sending = "sms/"

// Paced reports whether an Account is one of texts that leave from a line, which
// has a pace.
func Paced(account string) bool { return strings.HasPrefix(account, sending) }

// Asks is the Account of what is asked of the line's provider.
func (l Line) QueryAccount() string { return l.Provider + "/" + l.Account }

// Fetches is the Account of pictures and files that come by the line.
func (l Line) MediaAccount() string { return l.QueryAccount() + "/media" }

// A Shopper is a person in a shop, known by the number they text from.
type Shopper struct {
	ID        ShopperID
	Shop      ShopID
	Phone     Phone
	Name      string
	Email     string
	Purchased bool   // known to have bought something from the shop
	Customer  string // the helpdesk's id of this person, once it is known
}

// Called is how to name the shopper to a person: by name, else by number.
func (s Shopper) DisplayName() string {
	if s.Name != "" {
		return s.Name
	}
	return string(s.Phone)
}
