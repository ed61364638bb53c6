package chat

// A Helpdesk is a shop's connection to its helpdesk.
type Helpdesk struct {
	Shop     ShopID
	Account  string // "acme"
	Username string // the e-mail address of the key's owner
	Key      Secret
	Secret   Secret // the helpdesk sends it with its requests to us
	Endpoint string // the random part of our webhook addresses
	Made     []byte // what was installed there, in the format of package widget
	Agents   []Agent
}

// An Agent is a person who answers shoppers.
type Agent struct {
	ID    string `json:"id"` // the helpdesk's
	Name  string `json:"name"`
	Email string `json:"email,omitempty"`
}
