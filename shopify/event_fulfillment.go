package shopify

import (
	"cmp"
	"net/url"

	"sidetext/chat"
)

// A fulfilment as webhooks show it: a shipment of an order. It names no customer.
type eventFulfillment struct {
	named
	OrderID        id     `json:"order_id"`
	Status         text   `json:"status"`
	ShipmentStatus text   `json:"shipment_status"`
	Company        text   `json:"tracking_company"`
	Number         text   `json:"tracking_number"`
	Numbers        []text `json:"tracking_numbers"`
	URL            text   `json:"tracking_url"`
	URLs           []text `json:"tracking_urls"`
	CreatedAt      moment `json:"created_at"`
	UpdatedAt      moment `json:"updated_at"`
}

func readFulfillment(body []byte, u *chat.DirectoryUpdate) error {
	var in eventFulfillment
	if err := parseObject(body, &in); err != nil {
		return err
	}
	if in.id() == "" || in.OrderID == "" {
		return errNoID
	}
	u.Fulfillments = append(u.Fulfillments, in.record())
	return nil
}

func (in eventFulfillment) record() chat.FulfillmentRecord {
	r := chat.FulfillmentRecord{
		ID: in.id(), OrderID: string(in.OrderID), Status: in.Status.lower(), ShipmentStatus: in.ShipmentStatus.lower(),
		Company: string(in.Company), CreatedAt: in.CreatedAt.Time, UpdatedAt: in.UpdatedAt.Time,
	}
	if len(in.Numbers) == 0 && in.Number != "" {
		in.Numbers = []text{in.Number}
	}
	if len(in.URLs) == 0 && in.URL != "" {
		in.URLs = []text{in.URL}
	}
	for i := range max(len(in.Numbers), len(in.URLs)) {
		var number, address text
		if i < len(in.Numbers) {
			number = in.Numbers[i]
		}
		if i < len(in.URLs) {
			address = in.URLs[i]
		}
		addTracking(&r, number, address)
	}
	return r
}

// addTracking adds a parcel with its number and the address of its tracking page, each
// of which may be unknown.
func addTracking(r *chat.FulfillmentRecord, number, address text) {
	address = webAddress(address)
	if number == "" && address == "" || len(r.Numbers) == maxTracking {
		return
	}
	r.Numbers = append(r.Numbers, string(number))
	if address != "" {
		for len(r.URLs) < len(r.Numbers)-1 {
			r.URLs = append(r.URLs, "") // of a parcel before, without a page
		}
		r.URLs = append(r.URLs, string(address))
	}
}

// webAddress returns t if it is the address of a web page. A merchant may type anything.
func webAddress(t text) text {
	u, err := url.Parse(string(t))
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || len(t) > 2000 {
		return ""
	}
	return t
}

// readFulfillmentEvent reads what happened to a shipment: "out_for_delivery".
func readFulfillmentEvent(body []byte, u *chat.DirectoryUpdate) error {
	var in struct {
		Fulfillment id     `json:"fulfillment_id"`
		OrderID     id     `json:"order_id"`
		Status      text   `json:"status"`
		HappenedAt  moment `json:"happened_at"`
		CreatedAt   moment `json:"created_at"`
		UpdatedAt   moment `json:"updated_at"`
	}
	if err := parseObject(body, &in); err != nil {
		return err
	}
	if in.Fulfillment == "" || in.OrderID == "" {
		return errNoID
	}
	at := cmp.Or(in.HappenedAt, in.UpdatedAt, in.CreatedAt)
	u.Fulfillments = append(u.Fulfillments, chat.FulfillmentRecord{
		ID: string(in.Fulfillment), OrderID: string(in.OrderID), ShipmentStatus: in.Status.lower(),
		Partial: true, UpdatedAt: at.Time,
	})
	return nil
}
