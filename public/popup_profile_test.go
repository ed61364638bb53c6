package public_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/go-rod/rod/lib/input"
	"github.com/go-rod/rod/lib/proto"
)

// profiles are what a frame may have as conversation.profile.
var profiles = map[string]object{
	"whole": {
		"next_charge":   object{"on": "2026-12-09", "total": "49.00", "currency": "USD", "items": []object{{"title": "Coffee", "variant": "250 g", "quantity": 1}, {"title": "Filter", "quantity": 2}}},
		"subscriptions": []object{{"product": "Coffee", "variant": "250 g", "quantity": 1, "unit": "week", "every": 4, "next": "2026-12-09"}, {"product": "Filter", "quantity": 2, "unit": "month", "every": 3}},
		"last_order":    object{"name": "#1001", "at": "2026-11-28T15:00:00Z", "status": "On its way", "tracking": []object{{"company": "UPS", "number": "1Z999AA10123456784", "url": "https://www.ups.com/track?tracknum=1Z999AA10123456784", "status": "In transit"}}},
	},
}

// withProfile returns a frame without entries that brings this profile.
func (s *fakeServer) withProfile(from int, profile any) object {
	now := maps.Clone(conversation)
	now["profile"] = profile
	return object{"type": "changed", "from": from, "rev": from + 1, "conversation": now, "entries": []object{}}
}

// TestProfile: a line shows what matters, and opens to the rest.
func TestProfile(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	if page.MustHas("side-profile .profile:not([hidden])") {
		t.Error("something is shown of a shopper of whom nothing is known")
	}
	waitForText(t, page, "[data-part=purchased]", "Has purchased")
	screenshot(t, page, "profile-none")
	server.send(server.withProfile(1, profiles["whole"]))
	line := page.MustElement(".profile-line")
	waitForText(t, page, ".fact", "Next: Dec 9 · $49.00 | #1001 On its way")
	waitForText(t, page, "[data-part=purchased]", "") // the line says so
	screenshot(t, page, "profile-closed")
	if high := page.MustEval(`() => document.querySelector(".profile").offsetHeight`).Num(); high > 40 {
		t.Errorf("closed, it is %v pixels high", high)
	}

	line.MustFocus()
	page.Keyboard.MustType(input.Enter)
	waitForText(t, page, ".profile-details dt", "Next charge | Subscriptions | Last order | Tracking")
	waitForText(t, page, ".profile-details dd p", "Dec 9 · $49.00 Coffee 250 g, 2 × Filter | Coffee 250 g every 4 weeks | 2 × Filter every 3 months | #1001 · Nov 28 On its way | UPS 1Z999AA10123456784 (opens a new tab) In transit")
	screenshot(t, page, "profile-open")
	link := page.MustElement(".profile-details a")
	if href, target, rel := *link.MustAttribute("href"), *link.MustAttribute("target"), *link.MustAttribute("rel"); href != "https://www.ups.com/track?tracknum=1Z999AA10123456784" || target != "_blank" || rel != "noopener noreferrer nofollow" {
		t.Errorf("the link is %s %s %s", href, target, rel)
	}
	node, err := proto.AccessibilityGetPartialAXTree{ObjectID: line.Object.ObjectID}.Call(page)
	if err != nil {
		t.Fatal(err)
	}
	if name := node.Nodes[0].Name.Value.Str(); !strings.HasPrefix(name, "Orders and subscriptions: ") || !strings.Contains(name, "Next: Dec 9 · $49.00") {
		t.Errorf("screen readers name the line %q", name)
	}

	page.Keyboard.MustType(input.Tab) // to the link
	page.Keyboard.MustType(input.Escape)
	page.MustElement(`.profile-line:focus[aria-expanded="false"]`)
	waitForText(t, page, ".profile-details", "")
}

// TestProfileChanges: a change without texts refreshes what is shown, a late one does not,
// and the focus stays inside while there is something to show.
func TestProfileChanges(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	server.send(server.withProfile(1, profiles["whole"]))
	page.MustElement(".profile-line").MustClick()
	link := page.MustElement(".profile-details a")
	link.MustFocus()

	shipped := maps.Clone(profiles["whole"])
	shipped["last_order"] = with(shipped["last_order"].(object), object{"status": "Delivered"})
	shipped["failed_charge"] = object{"on": "2026-12-01", "total": "49.00", "currency": "USD"}
	server.send(server.withProfile(2, shipped))
	waitForText(t, page, ".fact", "Payment failed: Dec 1 · $49.00 | #1001 Delivered")
	page.MustElement(".profile-details a:focus")
	screenshot(t, page, "profile-failed")
	server.send(server.withProfile(1, profiles["whole"])) // late
	late := server.withProfile(2, nil)
	late["rev"] = 2
	server.send(late)
	server.send(server.changed(3, textEntry(2, "in", "when is it here?", "", "")))
	page.MustElementR(".text", "when is it here")
	waitForText(t, page, ".profile", "") // that frame says that nothing is known
	page.MustElement("textarea:focus")

	server.send(server.withProfile(4, object{"last_order": object{"name": "#1002", "status": "Paid"}}))
	waitForText(t, page, ".fact", "#1002 Paid")
	waitForText(t, page, ".profile-details", "") // closed again
	if n := len(page.MustElements(".message")); n != 2 {
		t.Errorf("%d messages on screen, want 2", n)
	}
}

// TestProfileIsBounded: many and long names leave the transcript its room, and none of a
// vendor's words becomes markup or an unsafe link.
func TestProfileIsBounded(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	page := server.open(t)
	page.MustEval(`() => { window.broken = []; addEventListener("securitypolicyviolation", e => broken.push(e.blockedURI)) }`)
	page.MustSetViewport(420, 720, 1, false)
	evil := `<img src=x onerror=alert(1)>`
	many := []object{{"product": strings.Repeat("Decaffeinated", 15), "variant": evil, "quantity": 1, "unit": "week", "every": 1}, {"product": "قهوة عربية", "variant": "250 g", "quantity": 3, "unit": "week", "every": 2}}
	for range 8 {
		many = append(many, object{"product": "Single origin coffee from a small farm", "variant": "1 kg / Whole bean", "quantity": 2, "unit": "month", "every": 1, "next": "2027-01-02"})
	}
	server.send(server.withProfile(1, object{
		"failed_charge": object{"on": "2026-12-01", "total": "49.00", "currency": "USD", "items": []object{{"title": evil, "quantity": 1}}},
		"next_charge":   object{"on": "2026-12-09", "total": "1249.00", "currency": "CAD"}, "subscriptions": many, "more": 12,
		"last_order": object{"name": "#1001", "status": evil, "tracking": []object{{"company": "UPS", "url": "javascript:alert(1)"}, {"number": strings.Repeat("9", 200), "url": "https://ups.example/"}, {"company": "DHL", "url": "http://dhl.example/"}}},
		"others":     2, "marketing": "withdrawn",
	}))
	page.MustElement(".profile-line").MustClick()
	waitForText(t, page, ".profile-details dt", "Payment failed | Next charge | Subscriptions | Last order | Tracking | Phone | Marketing")
	screenshot(t, page, "profile-many")
	got := page.MustEval(`() => {
		const tall = s => document.querySelector(s).getBoundingClientRect().height
		return { links: [...document.querySelectorAll(".profile a")].map(a => a.href).join(" "), made: document.querySelectorAll(".profile img").length + broken.length,
			closed: tall(".profile-line"), open: tall(".profile"), transcript: tall("side-transcript"),
			wide: document.querySelector(".profile-details").scrollWidth - document.querySelector(".profile-details").clientWidth + document.documentElement.scrollWidth - innerWidth }
	}`)
	if links := got.Get("links").Str(); links != "https://ups.example/" {
		t.Errorf("links to %s", links)
	}
	if got.Get("made").Int() != 0 || got.Get("wide").Int() > 0 || got.Get("closed").Num() > 40 || got.Get("open").Num() > 370 || got.Get("transcript").Num() < 150 {
		t.Errorf("got %s", got.String())
	}
}
