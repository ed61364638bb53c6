package public_test

import (
	"testing"

	"github.com/go-rod/rod"
)

func medium(id, kind, state string, more object) object {
	return with(object{"id": id, "type": kind, "state": state}, more)
}

// boxes are where the pictures stand in the transcript and how large they are.
func boxes(page *rod.Page) string {
	return page.MustEval(`() => JSON.stringify([...document.querySelectorAll(".medium[data-shape=picture]")].map(m => {
		const top = document.querySelector(".entries").getBoundingClientRect().top, b = m.getBoundingClientRect()
		return [b.top - top, b.width, b.height].map(Math.round) }))`).Str()
}

// TestPictures: what came with a text is shown without waiting for it, from our
// own address, and nothing moves when it comes.
func TestPictures(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	for name, size := range map[string][2]int{"wide": {1200, 700}, "tall": {500, 1100}, "small": {40, 30}} {
		desk.pictures.Store("/api/media/"+name, drawn(t, size[0], size[1]))
	}
	coming := []object{medium("wide", "image/jpeg", "waiting", nil), medium("tall", "image/png", "waiting", nil), medium("gone", "image/gif", "waiting", nil)}
	desk.holds(
		with(said(0, "in", "Look at this", "", ""), object{"media": coming}),
		with(said(0, "in", "", "", ""), object{"media": []object{medium("small", "image/webp", "kept", object{"size": 900})}}),
		with(said(0, "in", "My card, and what it sounds like", "", ""), object{"media": []object{
			medium("card", "text/vcard", "kept", object{"size": 2340}), medium("sound", "audio/amr", "waiting", nil),
			medium("heic", "image/heic", "kept", object{"size": 1_430_000}), medium("page", "text/html", "kept", object{"size": 88}),
			medium("film", "video/mp4", "failed", object{"problem": "This file is larger than 10 MB, so it was not fetched."}),
			medium("", "image/jpeg", "failed", object{"problem": "Too old."}), medium("", "text/plain", "failed", object{"problem": "Too old, too."}),
		}}),
	)
	page := desk.open(t)
	page.MustElement(`.medium[data-loaded] img[alt="Picture from Jane Doe"]`)
	shoot(t, page, "pictures-waiting")
	page.MustSetViewport(420, 720, 1, false)
	before := boxes(page)

	now := []object{medium("wide", "image/jpeg", "kept", object{"size": 300_000}), medium("tall", "image/png", "kept", object{"size": 90_000}),
		medium("gone", "image/gif", "failed", object{"problem": "The provider does not have this picture any more."})}
	desk.say(desk.changed(3, with(said(1, "in", "Look at this", "", ""), object{"media": now, "rev": 4})))
	page.MustElementR(".medium[data-state=failed]", "does not have this picture")
	page.MustWait(`() => { document.querySelector(".scroller").scrollTop = 0; return document.querySelectorAll(".medium[data-loaded]").length === 3 }`)
	if after := boxes(page); after != before {
		t.Errorf("pictures moved from %s to %s", before, after)
	}
	shoot(t, page, "pictures")

	const see = `() => [...document.querySelectorAll(".medium")].map(m => m.dataset.shape + ": " + m.innerText.trim().replace(/\s+/g, " ") +
		[...m.querySelectorAll("a:not([hidden])")].map(a => " " + a.getAttribute("href") + " " + (a.target || "download=" + a.hasAttribute("download"))).join()).join("\n")`
	want := `picture:  /api/media/wide _blank
picture:  /api/media/tall _blank
picture: The provider does not have this picture any more.
picture:  /api/media/small _blank
file: Contact card, 2 kB Download /api/media/card download=true
file: Voice message on its way
file: Picture, 1.4 MB Download /api/media/heic download=true
file: File, text/html, 88 bytes Download /api/media/page download=true
file: This file is larger than 10 MB, so it was not fetched.
picture: Too old.
file: Too old, too.`
	if got := page.MustEval(see).Str(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestPictureThatDoesNotLoad says so, and can be tried again.
func TestPictureThatDoesNotLoad(t *testing.T) {
	t.Parallel()
	desk := newDesk(t)
	desk.holds(with(said(0, "in", "", "", ""), object{"media": []object{medium("late", "image/png", "kept", object{"size": 900})}}))
	page := desk.open(t)
	page.MustElementR(".medium", "couldn’t be loaded")
	shoot(t, page, "picture-trouble")
	desk.pictures.Store("/api/media/late", drawn(t, 90, 60))
	page.MustElementR(".medium .button", "Try again").MustClick()
	page.MustElement(".medium[data-loaded]")
	if page.MustHas(".medium .button:not([hidden])") || page.MustHas(".medium .told:not([hidden])") {
		t.Error("it is shown, and still said to be missing")
	}
}
