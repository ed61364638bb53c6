package chat

import (
	"encoding/json"
	"strings"
	"time"
)

// A Shop is one store. Everything else belongs to a shop, and no query or page
// shows data of another one.
type Shop struct {
	ID       ShopID
	Name     string // as shoppers know it
	Settings Settings
}

// Settings are a merchant's choices.
type Settings struct {
	AutoTickets    bool `json:"auto_tickets"`     // open a ticket when a person is needed
	MustHaveBought bool `json:"must_have_bought"` // … only for shoppers known to have purchased
	Acknowledge    bool `json:"acknowledge"`      // tell the shopper, once per escalation, that a person will answer

	Email string `json:"email"` // given to shoppers who can't be helped by text; may be empty

	// TimeZone is used for times that people read, as an IANA name such as
	// "America/New_York"; empty: the time zone of the number's area.
	TimeZone string `json:"time_zone,omitempty"`

	Tag           string        `json:"tag"`             // on every ticket we open
	CardTitle     string        `json:"card_title"`      // of the card beside a ticket
	ReopenWithin  time.Duration `json:"reopen_within"`   // how long after its close a ticket is reopened; negative: for ever
	HandBackAfter time.Duration `json:"hand_back_after"` // automation resumes after so long without a text or e-mail
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
	Provider string // "twilio"
	Account  string // our account at the provider
	Token    Secret // signs the provider's requests, and ours
	Endpoint string // the random part of our webhook addresses
	Service  string // the provider's id of a pool of senders, or empty
	Pace     int    // segments per second to send at most; 0: the carriers' limit for its kind of number

	// SigningKey is the secret of a shared key with which the provider may sign
	// requests instead of Token; empty: none.
	SigningKey Secret

	// SigningKeyRefused: a request signed with a shared key was refused, and none
	// has been verified since.
	SigningKeyRefused bool
}

// SendAccount is the Delivery.Account of texts from the line. Each number has its
// own, because it has its own rate limit and its own failures.
func (l Line) SendAccount() string {
	return sendAccountPrefix + l.QueryAccount() + "/" + string(l.Number)
}

const sendAccountPrefix = "sms/"

// Paced reports whether an account is some line's SendAccount, whose deliveries
// are limited by Line.Pace.
func Paced(account string) bool { return strings.HasPrefix(account, sendAccountPrefix) }

// QueryAccount is the Delivery.Account of status checks with the line's provider.
func (l Line) QueryAccount() string { return l.Provider + "/" + l.Account }

// MediaAccount is the Delivery.Account of fetching pictures and files.
func (l Line) MediaAccount() string { return l.QueryAccount() + "/media" }

// A Shopper is a person who texts a shop, identified by the phone number.
type Shopper struct {
	ID        ShopperID
	Shop      ShopID
	Phone     Phone
	Name      string
	Email     string
	Purchased bool   // known to have bought something from the shop
	Customer  string // the helpdesk's id of this person, once it is known

	// Directory is the Profile as JSON, or empty: most turns do not need it.
	Directory string
}

// Profile returns what the directory knows of the shopper; nothing, if that is
// unreadable.
func (p Shopper) Profile() (known Profile) {
	if p.Directory != "" && json.Unmarshal([]byte(p.Directory), &known) != nil {
		return Profile{}
	}
	return known
}
