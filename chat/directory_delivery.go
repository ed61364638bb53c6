package chat

import "time"

// DirectoryAccount is the Delivery.Account of applying a shop's events. It burdens no
// vendor.
func DirectoryAccount(shop ShopID) string { return "directory/" + string(shop) }

// NewEventsDelivery returns the delivery that applies a shop's events.
func NewEventsDelivery(shop ShopID, now time.Time) Delivery {
	return directoryDelivery(Delivery{Shop: shop, Kind: ApplyEvents, Account: DirectoryAccount(shop)}, EventsPayload{}, now)
}

// NewReconcileDelivery returns the delivery that reads the lists of a connection's
// vendor.
func NewReconcileDelivery(c Connection, now time.Time) Delivery {
	return directoryDelivery(Delivery{Shop: c.Shop, Kind: Reconcile, Account: c.VendorAccount()}, ReconcilePayload{c.Vendor}, now)
}

// NewRefreshDelivery returns the delivery that reads a Recharge customer's objects
// again.
func NewRefreshDelivery(c Connection, customer string, now time.Time) Delivery {
	d := Delivery{ID: DeliveryID("refresh/" + string(c.Shop) + "/" + customer), Shop: c.Shop, Kind: RefreshCustomer, Account: c.VendorAccount()}
	return directoryDelivery(d, RefreshPayload{customer}, now)
}

func directoryDelivery(d Delivery, payload any, now time.Time) Delivery {
	if d.ID == "" {
		d.ID = NewID[DeliveryID](now)
	}
	d.At, d.Due, d.Payload = now, now, EncodePayload(payload)
	d.Lane = d.lane()
	return d
}
