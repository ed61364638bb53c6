package shopify

import (
	"embed"
	"fmt"
	"strings"
)

// An operation is a query or mutation of the API. Its text is in queries/, in a file
// with its name, and a test validates it against Shopify's published schemas.
type operation struct {
	name   string
	action string // verb and object, for errors
	scope  string // the access scope that it needs
	change bool   // it is a mutation
}

var (
	readInstallation = operation{"connection", "read installation", "", false}
	testRead         = operation{"test_read", "read newest orders", "read_orders", false}
	listCustomers    = operation{"customers", "list customers", "read_customers", false}
	listOrders       = operation{"orders", "list orders", "read_orders", false}
	revokeConsent    = operation{"revoke_consent", "withdraw consent", "write_customers", true}
	listWebhooks     = operation{"webhooks", "list webhooks", "", false}
	createWebhook    = operation{"create_webhook", "create webhook", "", true}
	updateWebhook    = operation{"update_webhook", "update webhook", "", true}
	deleteWebhook    = operation{"delete_webhook", "delete webhook", "", true}
)

// operations lists all operations.
func operations() []operation {
	return []operation{
		readInstallation, testRead, listCustomers, listOrders,
		revokeConsent, listWebhooks, createWebhook, updateWebhook, deleteWebhook,
	}
}

//go:embed queries
var queries embed.FS

// fragments are the parts that several operations share. A part whose fields changed
// between versions has a file for each form, named for the version that introduced it.
var fragments = []struct {
	name  string
	since map[string]string // version: file
}{
	{"CustomerFields", map[string]string{OldestVersion: "fragment_customer"}},
	// The fields of consent to SMS marketing moved in 2026-10. Before, the new ones do
	// not exist; after, the old ones are deprecated.
	{"PhoneFields", map[string]string{OldestVersion: "fragment_phone_2026_04", "2026-10": "fragment_phone_2026_10"}},
}

// operationTexts returns the texts of all operations for a version of the API, each
// with the fragments that it uses.
func operationTexts(version string) (map[string]string, error) {
	texts := map[string]string{}
	for _, o := range operations() {
		text, err := readQuery(o.name)
		if err != nil {
			return nil, err
		}
		for _, fragment := range fragments {
			if !strings.Contains(text, "..."+fragment.name) {
				continue
			}
			newest := ""
			for since := range fragment.since {
				if since <= version && since > newest {
					newest = since
				}
			}
			part, err := readQuery(fragment.since[newest])
			if err != nil {
				return nil, err
			}
			text += part
		}
		texts[o.name] = text
	}
	return texts, nil
}

func readQuery(name string) (string, error) {
	data, err := queries.ReadFile("queries/" + name + ".graphql")
	if err != nil {
		return "", fmt.Errorf("shopify: read query: %w", err)
	}
	return string(data), nil
}
