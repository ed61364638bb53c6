package demo

import (
	"strconv"
	"time"

	"sidetext/pretend/recharge"
	"sidetext/pretend/shopify"
)

func shopifyAccount() shopify.Account {
	return shopify.Account{
		Store: Store, Name: "Willow & Oak", Email: ShopEmail, TimeZone: "America/Los_Angeles", ClientID: ShopifyClient, Secret: ShopifySecret,
		Customers: customers(), Orders: orders(),
	}
}

func rechargeAccount() recharge.Account {
	subscriber := func(id int64, first, last, email, phone, external string) recharge.Customer {
		return recharge.Customer{
			ID: id, FirstName: recharge.Text(first), LastName: recharge.Text(last), Email: recharge.Text(email), Phone: recharge.Text(phone),
			External: recharge.External(external), CreatedAt: recharge.Naive{Time: ago(40)}, UpdatedAt: recharge.Naive{Time: ago(9)},
		}
	}
	home := func(id, customer int64, of int64) recharge.Address {
		a := homeOf(of)
		return recharge.Address{
			ID: id, CustomerID: customer, FirstName: recharge.Text(a.FirstName), LastName: recharge.Text(a.LastName), Address1: recharge.Text(a.Address1),
			City: recharge.Text(a.City), Province: recharge.Text(a.Province), Zip: recharge.Text(a.Zip), Phone: a.Phone,
		}
	}
	every := func(weeks int, id, address int64, variant string, quantity, next int) recharge.Subscription {
		i := item(variant, quantity)
		return recharge.Subscription{
			ID: id, AddressID: address, Product: recharge.Text(i.Title), Variant: recharge.Text(i.Variant), VariantID: recharge.External(variant),
			ProductID: recharge.External(strconv.FormatInt(i.ProductID, 10)), Price: recharge.Text(i.Price), SKU: recharge.Text(i.SKU), Quantity: quantity, Unit: "week", Every: weeks, Next: in(next),
			CreatedAt: recharge.Naive{Time: ago(38)}, UpdatedAt: recharge.Naive{Time: ago(3)},
		}
	}
	ended := every(4, 70_004, 80_002, houseBlend, 1, 1)
	ended.Status, ended.Next, ended.Reason, ended.CancelledAt = "cancelled", "", "I prefer decaf", recharge.Naive{Time: ago(20)}
	card := func(id, customer int64, last4 string) recharge.PaymentMethod {
		return recharge.PaymentMethod{
			ID: id, CustomerID: customer, Type: "CREDIT_CARD", Processor: "shopify_payments", Default: true, Status: "valid",
			Details: map[string]any{"brand": "visa", "last4": last4, "exp_month": "4", "exp_year": "2029"},
		}
	}
	return recharge.Account{
		Store: Store, Name: "Willow & Oak", Email: HelpdeskOwner, Token: RechargeToken, ClientSecret: RechargeSecret,
		Customers: []recharge.Customer{
			subscriber(janeSubscriber, "Jane", "Doe", "jane@example.com", "(415) 555-0123", "601"),
			subscriber(miguelSubscriber, "Miguel", "Torres", "miguel@example.com", "+1 415 555 0134", "602"),
			subscriber(kenjiSubscriber, "Kenji", "Tanaka", "kenji@example.com", "415-555-0145", "604"),
		},
		Addresses: []recharge.Address{home(80_001, janeSubscriber, jane), home(80_002, miguelSubscriber, miguel), home(80_004, kenjiSubscriber, kenji)},
		Subscriptions: []recharge.Subscription{
			every(4, 70_001, 80_001, houseBlend, 2, 9), every(8, 70_002, 80_001, filters, 1, 9),
			every(2, 70_003, 80_002, decaf, 1, 13), ended, every(4, 70_005, 80_004, houseBlend, 1, 16),
		},
		Charges: []recharge.Charge{
			paid(60_001, 80_001, 70_001, 3, 4504, houseBlend, 2), paid(60_002, 80_002, 70_003, 1, 4505, decaf, 1),
		},
		PaymentMethods: []recharge.PaymentMethod{card(50_001, janeSubscriber, "4242"), card(50_002, miguelSubscriber, "1881"), card(50_004, kenjiSubscriber, "0005")},
		Plans:          []recharge.Plan{{ID: 1, ProductID: "5", Unit: "week", Every: 2}, {ID: 2, ProductID: "5", Unit: "week", Every: 4}, {ID: 3, ProductID: "6", Unit: "week", Every: 2}},
		Variants:       variants(),
		Discounts:      []recharge.Discount{{ID: 1, Code: "STAY10", Value: "10.00", Type: "percentage"}},
		Strategies: []recharge.Strategy{
			{ID: 1, Reason: "I have too much", Text: "You can skip an order instead.", Incentive: "skip_charge"},
			{ID: 2, Reason: "It is too expensive", Text: "Take 10% off your next order.", Incentive: "discount", Code: "STAY10"},
		},
	}
}

// paid returns a charge that became an order some days ago.
func paid(id, address, subscription int64, days int, order int64, variant string, quantity int) recharge.Charge {
	i := item(variant, quantity)
	return recharge.Charge{
		ID: id, AddressID: address, Status: "success", ScheduledAt: recharge.Text(ago(days).Format(time.DateOnly)), OrderID: recharge.External(strconv.FormatInt(order, 10)),
		Attempts: 1, ProcessedAt: recharge.Offset{Time: ago(days)}, CreatedAt: recharge.Offset{Time: ago(days + 20)}, UpdatedAt: recharge.Offset{Time: ago(days)},
		Items: []recharge.Line{{
			ItemID: subscription, ItemType: "subscription", Title: recharge.Text(i.Title), Variant: recharge.Text(i.Variant), Quantity: quantity,
			Price: recharge.Text(i.Price), VariantID: recharge.External(variant),
		}},
	}
}

// in returns the date some days from now.
func in(days int) recharge.Text { return recharge.Text(ago(-days).Format(time.DateOnly)) }
