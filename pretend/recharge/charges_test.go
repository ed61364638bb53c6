package recharge_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// TestRebuild: charges follow a change after five seconds, or at once with commit. Writes
// during the rebuild are refused.
func TestRebuild(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := open(t, account())
		first := fmt.Sprint(day(10), " 11 12")
		if got := c.queued(); len(got) != 1 || got[0] != first {
			t.Fatalf("subscriptions of one address and date do not share a charge: %v", got)
		}
		c.want("POST /subscriptions/11/set_next_charge_date", fmt.Sprintf(`{"date":"%s"}`, day(20)), 200, fmt.Sprintf(`"next_charge_scheduled_at":"%s"`, day(20)))
		time.Sleep(4900 * time.Millisecond)
		if got := c.queued(); len(got) != 1 || got[0] != first {
			t.Errorf("rebuilt too early: %v", got)
		}
		c.want("GET /charges?status=queued", "", 200, `"has_uncommitted_changes":true`)
		time.Sleep(200 * time.Millisecond)
		c.want("PUT /subscriptions/12", `{"quantity":2}`, 409, `{"errors":"Route Lock"}`)
		c.want("PUT /customers/33", `{"last_name":"Roe"}`, 409)
		time.Sleep(500 * time.Millisecond)
		want := []string{fmt.Sprint(day(10), " 12"), fmt.Sprint(day(20), " 11")}
		if got := c.queued(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		c.want("GET /charges?status=queued", "", 200, `"has_uncommitted_changes":false`)
		c.want("PUT /subscriptions/12?commit=true", `{"quantity":3}`, 200)
		c.want("GET /charges?status=queued&sort_by=scheduled_at-asc", "", 200, `"total_price":"27.00"`)
	})
}

// committed returns a client whose charges are rebuilt at once.
func committed(t *testing.T) *client {
	a := account()
	a.Rebuild = -1
	return open(t, a)
}

func TestSkip(t *testing.T) {
	t.Parallel()
	c := committed(t)
	id := c.firstCharge()
	c.want(fmt.Sprintf("POST /charges/%d/skip", id), `{"purchase_item_ids":[11,"12"]}`, 200, `"status":"skipped"`)
	want := []string{fmt.Sprint(day(38), " 12"), fmt.Sprint(day(40), " 11")}
	if got := c.queued(); !slices.Equal(got, want) {
		t.Fatalf("after the skip: %v, want %v", got, want)
	}
	c.want(fmt.Sprintf("POST /charges/%d/skip", id), `{"purchase_item_ids":[11]}`, 422)
	c.want("GET /charges?status=skipped&customer_id=33", "", 200, fmt.Sprintf(`"id":%d`, id))
	c.want("GET /customers/33/delivery_schedule", "", 200, `"is_skipped":true`, fmt.Sprintf(`"charge_id":%d`, id))
	c.want(fmt.Sprintf("POST /charges/%d/unskip", id), `{"purchase_item_ids":[11,12]}`, 200, `"status":"queued"`)
	if got := c.queued(); len(got) != 1 || got[0] != fmt.Sprint(day(10), " 11 12") {
		t.Errorf("after the undo: %v", got)
	}
	c.want(fmt.Sprintf("POST /charges/%d/unskip", id), `{"purchase_item_ids":[11]}`, 422)
}

func TestSkipOneItem(t *testing.T) {
	t.Parallel()
	c := committed(t)
	id := c.firstCharge()
	c.want(fmt.Sprintf("POST /charges/%d/skip", id), `{"purchase_item_ids":[11]}`, 200, `"status":"skipped"`, `"total_price":"49.00"`)
	want := []string{fmt.Sprint(day(10), " 12"), fmt.Sprint(day(40), " 11")}
	if got := c.queued(); !slices.Equal(got, want) {
		t.Fatalf("after the skip: %v, want %v", got, want)
	}
	c.want(fmt.Sprintf("POST /charges/%d/unskip", c.Charges(person, "skipped")[0].ID), `{"purchase_item_ids":[11]}`, 200)
	if got := c.queued(); len(got) != 1 {
		t.Errorf("after the undo: %v", got)
	}
	c.want(fmt.Sprintf("POST /charges/%d/skip", id), `{"purchase_item_ids":[99]}`, 422)
	c.want(fmt.Sprintf("POST /charges/%d/skip", id), `{}`, 422)
}

func TestSkipLater(t *testing.T) {
	t.Parallel()
	c := committed(t)
	c.want("POST /addresses/22/charges/skip", fmt.Sprintf(`{"date":"%s","subscription_ids":[11]}`, day(40)), 200, `"status":"skipped"`)
	c.want("POST /subscriptions/11/charges/skip", fmt.Sprintf(`{"date":"%s","subscription_id":"11"}`, day(41)), 422, `not on the schedule`)
	_ = c.ProcessCharge(c.firstCharge(), "4501", "1001")
	if got := c.queued(); !slices.Contains(got, fmt.Sprint(day(70), " 11")) {
		t.Errorf("got %v", got)
	}
}

func TestMoveCharge(t *testing.T) {
	t.Parallel()
	c := committed(t)
	id := c.firstCharge()
	c.want(fmt.Sprintf("POST /charges/%d/change_next_charge_date", id), fmt.Sprintf(`{"next_charge_date":"%s"}`, day(15)), 200, fmt.Sprintf(`"scheduled_at":"%s"`, day(15)))
	if got := c.queued(); len(got) != 1 || got[0] != fmt.Sprint(day(15), " 11 12") || c.firstCharge() != id {
		t.Errorf("got %v", got)
	}
}

func TestSwap(t *testing.T) {
	t.Parallel()
	c := committed(t)
	const to = `"external_variant_id":{"ecommerce":"56"}`
	c.want("POST /subscriptions/11/pricing_preview", "{"+to+`,"use_external_variant_defaults":true}`, 200, `"price":"80.00"`)
	c.want("PUT /subscriptions/11", "{"+to+"}", 200, to, `"price":"24.50"`, `"variant_title":"250 g"`)
	c.want("PUT /subscriptions/11", `{"external_variant_id":{"ecommerce":"77"},"use_external_variant_defaults":true}`, 200, `"price":"5.00"`, `"product_title":"Filter"`)
	c.want("PUT /subscriptions/11", `{"external_variant_id":{"ecommerce":"none"}}`, 422)
}

func TestCancelAndActivate(t *testing.T) {
	t.Parallel()
	c := committed(t)
	c.want("POST /subscriptions/11/activate", "", 422)
	c.want("POST /subscriptions/11/cancel", `{"cancellation_reason":"too much","send_email":true}`, 200, `"status":"cancelled"`, `"next_charge_scheduled_at":null`, `"cancellation_reason":"too much"`)
	c.want("POST /subscriptions/11/cancel", `{"cancellation_reason":"again"}`, 422)
	c.want("PUT /subscriptions/11", `{"quantity":9}`, 200, `"quantity":2`)
	c.want("PUT /subscriptions/11?force_update=true", `{"quantity":9}`, 200, `"quantity":9`)
	if got := c.queued(); len(got) != 1 || strings.Contains(got[0], " 11") {
		t.Errorf("a cancelled subscription is queued: %v", got)
	}
	c.want("POST /subscriptions/11/activate", "", 200, `"status":"active"`, fmt.Sprintf(`"next_charge_scheduled_at":"%s"`, day(10)))
}

func TestOnetimes(t *testing.T) {
	t.Parallel()
	c := committed(t)
	got := c.want("POST /onetimes", `{"address_id":22,"external_variant_id":{"ecommerce":"77"},"quantity":2,"add_to_next_charge":true}`, 201, fmt.Sprintf(`"next_charge_scheduled_at":"%s"`, day(10)))
	var id int64
	if _, err := fmt.Sscanf(got[strings.Index(got, `"id":`):], `"id":%d`, &id); err != nil {
		t.Fatal(err)
	}
	c.want("GET /charges?status=queued", "", 200, `"total_price":"68.00"`, `"purchase_item_type":"onetime"`)
	c.want(fmt.Sprintf("PUT /onetimes/%d", id), `{"quantity":1}`, 200, `"quantity":1`)
	c.want(fmt.Sprintf("DELETE /onetimes/%d", id), "", 204)
	c.want(fmt.Sprintf("DELETE /onetimes/%d", id), "", 404)
	c.want("GET /onetimes?customer_id=33", "", 200, `"onetimes":[]`)
	c.want("GET /onetimes?customer_id=33&include_cancelled=true", "", 200, `"is_cancelled":true`)
	c.want("GET /charges?status=queued", "", 200, `"total_price":"58.00"`)
}

func TestDiscounts(t *testing.T) {
	t.Parallel()
	c := committed(t)
	id := c.firstCharge()
	c.want(fmt.Sprintf("POST /charges/%d/apply_discount", id), `{"discount_code":"SAVE10"}`, 200, `"total_price":"52.20"`)
	c.want(fmt.Sprintf("POST /charges/%d/apply_discount", id), `{"discount_id":"5"}`, 422, "already applied")
	c.want("PUT /subscriptions/12", `{"quantity":1}`, 200)
	c.want(fmt.Sprintf("GET /charges/%d", id), "", 200, `"total_price":"58.00"`) // lost
	c.want("PUT /addresses/22", `{"discounts":[{"code":"SAVE10"}],"phone":""}`, 200, `"discounts":[{"id":5}]`)
	c.want(fmt.Sprintf("GET /charges/%d", id), "", 200, `"total_price":"52.20"`)
	c.want(fmt.Sprintf("POST /charges/%d/remove_discount", id), "", 200, `"total_price":"58.00"`)
}

func TestProcessing(t *testing.T) {
	t.Parallel()
	c := committed(t)
	id := c.firstCharge()
	if err := c.FailCharge(id, "Customer needs to update credit card", "CUSTOMER_NEEDS_TO_UPDATE_CARD", true); err != nil {
		t.Fatal(err)
	}
	c.want(fmt.Sprintf("GET /charges/%d", id), "", 200, `"error_type":"CUSTOMER_NEEDS_TO_UPDATE_CARD"`, `"retry_date":null`, `"charge_attempts":1`)
	c.want("GET /subscriptions/11", "", 200, `"max_retries_reached":true`)
	c.want("GET /customers/33", "", 200, `"has_payment_method_in_dunning":true`)
	c.RebuildNow()
	if got := c.queued(); len(got) != 0 {
		t.Errorf("what has failed is queued again: %v", got)
	}
	if err := c.ProcessCharge(id, "4501", "1001"); err != nil {
		t.Fatal(err)
	}
	c.want(fmt.Sprintf("GET /charges/%d", id), "", 200, `"status":"success"`, `"external_order_id":{"ecommerce":"4501"}`, `"error":null`)
	c.want("GET /orders?customer_id=33&sort_by=processed_at-desc&limit=3", "", 200, `"external_order_number":{"ecommerce":"1001"}`)
	if got := c.queued(); len(got) != 2 {
		t.Errorf("the next charges are %v", got)
	}
	if c.ProcessCharge(id, "4502", "") == nil {
		t.Error("a charge was processed twice")
	}
	c.want(fmt.Sprintf("POST /charges/%d/process", c.firstCharge()), "", 200, `"status":"success"`)
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	c := committed(t)
	const fields = `"customer_id":33,"address1":"2 Elm St","city":"Austin","province":"Texas","country_code":"US","first_name":"J","last_name":"D"`
	c.want("POST /addresses", "{"+fields+"}", 422, `{"errors":{"phone":[`)
	got := c.want("POST /addresses", "{"+fields+`,"phone":""}`, 201, `"phone":""`)
	id := got[strings.Index(got, `"id":`)+5:]
	id = id[:strings.IndexAny(id, ",}")]
	c.want("POST /subscriptions/11/change_address", `{"address_id":`+id+`}`, 200, `"address_id":`+id)
	if got := c.queued(); len(got) != 2 {
		t.Errorf("two addresses share a charge: %v", got)
	}
	c.Lock(address, true)
	c.want("PUT /addresses/22", `{"city":"Dallas"}`, 409)
	c.Lock(address, false)
	c.want("PUT /addresses/22", `{"city":"Dallas"}`, 200, `"city":"Dallas"`)
}

func TestNotifications(t *testing.T) {
	t.Parallel()
	c := open(t, account())
	c.want("POST /customers/33/notifications", `{"type":"email","template_type":"shopify_update_payment_information","template_vars":{"address_id":22}}`, 200)
	c.want("POST /customers/33/notifications", `{"type":"email","template_type":"party"}`, 422)
	if got := c.Notices(); len(got) != 1 || got[0].Customer != person || got[0].Template != "shopify_update_payment_information" {
		t.Errorf("got %+v", got)
	}
}

// TestQueuedChargesAgree: whatever shoppers do, after a rebuild each active subscription
// is in exactly one queued charge, on its next date.
func TestQueuedChargesAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := open(t, account())
		defer c.Close()
		rt.Repeat(map[string]func(*rapid.T){
			"": func(rt *rapid.T) {
				c.RebuildNow()
				for _, id := range []int64{coffee, tea} {
					s, _ := c.Subscription(id)
					in := 0
					for _, charge := range c.Charges(person, "queued") {
						for _, l := range charge.Items {
							if l.ItemID == id {
								in++
								if charge.ScheduledAt != s.Next {
									rt.Fatalf("%d is in a charge on %s, not %s", id, charge.ScheduledAt, s.Next)
								}
							}
						}
					}
					if want := map[string]int{"active": 1}[s.Status]; in != want {
						rt.Fatalf("%d is %s and in %d charges", id, s.Status, in)
					}
				}
			},
			"call": func(rt *rapid.T) {
				id := rapid.SampledFrom([]int64{coffee, tea}).Draw(rt, "item")
				charges := append(c.Charges(person, "queued"), c.Charges(person, "skipped")...)
				charge := int64(0)
				if len(charges) > 0 {
					charge = rapid.SampledFrom(charges).Draw(rt, "charge").ID
				}
				date := day(rapid.IntRange(1, 60).Draw(rt, "days"))
				call := rapid.SampledFrom([][2]string{
					{fmt.Sprintf("POST /charges/%d/skip", charge), fmt.Sprintf(`{"purchase_item_ids":[%d]}`, id)},
					{fmt.Sprintf("POST /charges/%d/unskip", charge), fmt.Sprintf(`{"purchase_item_ids":[%d]}`, id)},
					{fmt.Sprintf("POST /charges/%d/change_next_charge_date", charge), fmt.Sprintf(`{"next_charge_date":"%s"}`, date)},
					{fmt.Sprintf("POST /subscriptions/%d/set_next_charge_date", id), fmt.Sprintf(`{"date":"%s"}`, date)},
					{fmt.Sprintf("POST /subscriptions/%d/charges/skip", id), fmt.Sprintf(`{"date":"%s","subscription_id":%d}`, date, id)},
					{fmt.Sprintf("POST /subscriptions/%d/cancel", id), `{"cancellation_reason":"x"}`},
					{fmt.Sprintf("POST /subscriptions/%d/activate", id), ``},
					{fmt.Sprintf("POST /charges/%d/process", charge), ``},
				}).Draw(rt, "call")
				method, path, _ := strings.Cut(call[0], " ")
				if status, got := c.call(method, path, call[1]); status != 200 && status != 422 && status != 404 {
					rt.Fatalf("%s: got %d %s", call[0], status, got)
				}
			},
		})
	})
}
