package chat

import "testing"

func TestNamed(t *testing.T) {
	t.Parallel()
	known := Shopper{Name: "Jane Doe", Email: "jane@example.com", Customer: "900"}
	for name, test := range map[string]struct {
		known    Shopper
		customer Customer
		from     NameOrigin
		want     Shopper
		newOwner bool
	}{
		"of an unknown shopper":        {Shopper{}, Customer{Name: "Jane"}, NameFromOthers, Shopper{Name: "Jane"}, false},
		"nothing to say":               {known, Customer{}, NameFromFormer, known, false},
		"the same person":              {known, Customer{Name: "Jane M. Doe", Email: "JANE@example.com"}, NameFromOthers, Shopper{Name: "Jane M. Doe", Email: "JANE@example.com", Customer: "900"}, false},
		"the same, by the name alone":  {known, Customer{Name: "Jane Doe"}, NameFromFormer, known, false},
		"the customer's new name":      {known, Customer{Name: "Jane Roe"}, NameFromCustomer, Shopper{Name: "Jane Roe", Email: "jane@example.com", Customer: "900"}, false},
		"the customer's new address":   {known, Customer{Email: "j@example.com"}, NameFromCustomer, Shopper{Name: "Jane Doe", Email: "j@example.com"}, false},
		"another of the household":     {known, Customer{Name: "Bob Doe"}, NameFromOthers, Shopper{Name: "Bob Doe"}, false},
		"another person after a while": {known, Customer{Name: "Bob Roe", Email: "bob@example.com"}, NameFromFormer, Shopper{Name: "Bob Roe", Email: "bob@example.com"}, true},
		"another without addresses":    {Shopper{Name: "Jane Doe", Customer: "900"}, Customer{Name: "Bob Roe"}, NameFromFormer, Shopper{Name: "Bob Roe"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, newOwner := test.known.Named(test.customer, test.from); got != test.want || newOwner != test.newOwner {
				t.Errorf("got %+v, new owner %v", got, newOwner)
			}
		})
	}
}
