package chat

// A Helpdesk is a shop's connection to its helpdesk.
type Helpdesk struct {
	Shop     ShopID
	Account  string // "acme"
	Username string // the e-mail address of the key's owner
	Key      Secret
	Secret   Secret // what the helpdesk shows when it calls us
	Endpoint string // the random part of the addresses it calls
	Made     []byte // what we made there, as whoever made it keeps it
	Agents   []Agent
}

// An Agent is a person who answers shoppers.
type Agent struct {
	ID    string `json:"id"` // the helpdesk's
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}
