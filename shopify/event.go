package shopify

import (
	"errors"
	"fmt"

	"sidetext/chat"
)

var (
	errNotObject = errors.New("not a JSON object")
	errNoID      = errors.New("no id")
)

// ParseEvent reads a webhook. A topic that changes nothing in the directory, or is
// unknown, gives an empty update. It fails if the body is not JSON, or does not say which
// object it is about; every other oddity leaves a field of a record empty.
func ParseEvent(topic string, body []byte) (chat.DirectoryUpdate, error) {
	u := chat.DirectoryUpdate{Vendor: chat.Shopify}
	read := eventReaders(topic)
	if read == nil {
		return u, nil
	}
	if err := read(body, &u); err != nil {
		return chat.DirectoryUpdate{Vendor: chat.Shopify}, fmt.Errorf("shopify: parse %s: %w", topic, err)
	}
	return u, nil
}

// eventReaders returns the function that reads webhooks of a topic, or nil.
func eventReaders(topic string) func([]byte, *chat.DirectoryUpdate) error {
	switch topic {
	case "customers/create", "customers/update":
		return readCustomerEvent
	case "customers/delete":
		return deletionReader(chat.CustomerKind)
	case "customers/merge":
		return readMerge
	case "customers_marketing_consent/update":
		return readConsentEvent
	case "orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/fulfilled":
		return readOrderEvent
	case "orders/delete":
		return deletionReader(chat.OrderKind)
	case "fulfillments/create", "fulfillments/update":
		return readFulfillment
	case "fulfillment_events/create":
		return readFulfillmentEvent
	}
	return nil
}

// parseObject decodes a body that has to be an object.
func parseObject(body []byte, into any) error {
	for _, c := range body {
		if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
			continue
		}
		if c != '{' || unmarshal(body, into) != nil { // the decoder's error quotes the body
			break
		}
		return nil
	}
	return errNotObject
}

// named are the two ways in which an object's id is written.
type named struct {
	ID  id `json:"id"`
	GID id `json:"admin_graphql_api_id"`
}

func (n named) id() string {
	if n.ID != "" {
		return string(n.ID)
	}
	return string(n.GID)
}

// deletionReader returns a reader of webhooks that contain the id of a deleted object
// and nothing else.
func deletionReader(kind chat.RecordKind) func([]byte, *chat.DirectoryUpdate) error {
	return func(body []byte, u *chat.DirectoryUpdate) error {
		var in named
		if err := parseObject(body, &in); err != nil {
			return err
		}
		if in.id() == "" {
			return errNoID
		}
		u.Deletions = append(u.Deletions, chat.Deletion{Kind: kind, ID: in.id()})
		return nil
	}
}

// readMerge reads that two customers were merged. It is also sent when that failed.
func readMerge(body []byte, u *chat.DirectoryUpdate) error {
	var in struct {
		Kept   id   `json:"admin_graphql_api_customer_kept_id"`
		Gone   id   `json:"admin_graphql_api_customer_deleted_id"`
		Status text `json:"status"`
	}
	if err := parseObject(body, &in); err != nil {
		return err
	}
	if in.Status.lower() != "completed" {
		return nil
	}
	if in.Kept == "" || in.Gone == "" {
		return errNoID
	}
	if in.Kept != in.Gone {
		u.Merges = append(u.Merges, chat.CustomerMerge{KeptID: string(in.Kept), GoneID: string(in.Gone)})
	}
	return nil
}
