package stage

import (
	"net/http"
)

// A PageState is what the demo's page shows of phones and tickets.
type PageState struct {
	Phones []struct {
		Number string
		Texts  []struct{ By, Text string }
	}
	Tickets []struct {
		Customer struct{ Email string }
		Tags     []struct{ Name string }
	}
}

// Page reads the state of the demo's page.
func (s *Stage) Page(c *Client) (p PageState) {
	s.T.Helper()
	if status := c.Call(http.MethodGet, "/demo/world/state?rev=0", nil, &p); status != http.StatusOK {
		s.T.Fatalf("the page answers %d", status)
	}
	return p
}

// Sent returns the texts that the store sent to a phone.
func (p PageState) Sent(to string) (texts []string) {
	for _, phone := range p.Phones {
		for _, line := range phone.Texts {
			if phone.Number == to && line.By == "store" {
				texts = append(texts, line.Text)
			}
		}
	}
	return texts
}

// Tags returns the tags of the tickets of a customer.
func (p PageState) Tags(email string) map[string]bool {
	tags := map[string]bool{}
	for _, k := range p.Tickets {
		for _, tag := range k.Tags {
			if k.Customer.Email == email {
				tags[tag.Name] = true
			}
		}
	}
	return tags
}
