package demo

import (
	"time"

	"sidetext/pretend"
	"sidetext/pretend/gorgias"
	"sidetext/pretend/twilio"
)

// Number is the shop's number.
const Number = "+14155550100"

// The accounts that the shop has with the simulated vendors.
const (
	TwilioAccount   = "AC0123456789abcdef0123456789abcdef"
	TwilioToken     = "0123456789abcdef0123456789abcdef"
	HelpdeskAccount = "willow-oak"
	HelpdeskOwner   = "anna@willow-oak.example"
	HelpdeskKey     = "demo-key"
	ShopEmail       = "help@willow-oak.example"
)

// people are the shoppers of the story. The one without an e-mail address has not
// ordered anything.
var people = []pretend.Shopper{
	{Name: "Jane Doe", Email: "jane@example.com", Phone: "+14155550123", ShopifyID: jane, RechargeID: janeSubscriber},
	{Name: "Miguel Torres", Email: "miguel@example.com", Phone: "+14155550134", ShopifyID: miguel, RechargeID: miguelSubscriber},
	{Name: "Aiko Tanaka", Email: "aiko@example.com", Phone: "+14155550145", ShopifyID: aiko},
	{Name: "Unknown number", Phone: "+14155550199"},
}

// Seed is the state in which the simulated vendors start.
func Seed() pretend.Seed {
	return pretend.Seed{
		Shop: "Willow & Oak", Number: Number, Shoppers: people, Step: 700 * time.Millisecond,
		Twilio: twilio.Account{SID: TwilioAccount, Token: TwilioToken}, Shopify: shopifyAccount(), Recharge: rechargeAccount(),
		Gorgias: gorgias.Account{Domain: HelpdeskAccount, Email: HelpdeskOwner, Key: HelpdeskKey, Users: []gorgias.User{
			{Name: "Anna Berg", Email: HelpdeskOwner, Role: gorgias.Role{Name: "admin"}},
			{Name: "Ben Okafor", Email: "ben@willow-oak.example"},
			{Name: "Chloe Martin", Email: "chloe@willow-oak.example"},
		}},
		Customers: []gorgias.CustomerFields{
			gorgias.KnownCustomer("Jane Doe", "jane@example.com"),
			gorgias.KnownCustomer("M. Torres", "", "+14155550134"),
		},
		Emails: []gorgias.InboundEmail{
			{From: "lena@example.com", Name: "Lena Vogt", Subject: "A present for my sister", Text: "Can you add a card to my order?", Ago: 26 * time.Hour, Answer: "With pleasure! It is on its way.", Closed: true, Tags: []string{"gift"}},
			{From: "jane@example.com", Subject: "Which grind for a moka pot?", Text: "I have a small moka pot. Which grind should I take?", Ago: 3 * time.Hour, Tags: []string{"product"}},
		},
	}
}
