package demo_test

import (
	"testing"

	"sidetext/server/e2e/stage"
)

// TestDemoStore: the phone's tab shows a shopper's subscription and orders, and what
// happens to them.
func TestDemoStore(t *testing.T) {
	t.Parallel()
	s := stage.New(t)
	page := stage.OpenPage(t, stage.NewBrowser(t), s.URL+"/demo")
	page.MustElement(`[data-test="store-tab"]:not([hidden])`).MustClick()
	store := page.MustElement(`[data-test="store"]`)
	stage.WaitForText(t, store, "every 4 weeks")
	stage.WaitForText(t, store, "Next charge")
	stage.Screenshot(t, page, "store")

	page.MustElement(`[data-test="person-+14155550134"]`).MustClick()
	page.MustElementR(`[data-test="store-orders"] button`, "Ship the order").MustClick()
	stage.WaitForText(t, store, "On its way with UPS")
	page.MustElementR(`[data-test="store-orders"] button`, "Deliver it").MustClick()
	stage.WaitForText(t, store, "Delivered")
	page.MustElement(`[data-test="store-fail"]`).MustClick()
	stage.WaitForText(t, store, "failed.")
	stage.Screenshot(t, page, "store-failed")
	page.MustElementR(`[data-test="store-charge"]`, "The retry succeeds").MustClick()
	page.MustElementR(`[data-test="store-charge"]`, "Process the next charge")
	page.MustElementR(`[data-test="store-orders"] button`, "Ship the order") // what was paid for

	page.MustElement(`[data-test="person-+14155550199"]`).MustClick()
	stage.WaitForText(t, store, "Not a customer")
	stage.Screenshot(t, page, "store-unknown")
}
