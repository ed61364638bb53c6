package public_test

import (
	"testing"

	"github.com/go-rod/rod"
)

func media(id, kind, state string, more object) object {
	return with(object{"id": id, "type": kind, "state": state}, more)
}

// boxes returns the position and size of each picture in the transcript.
func boxes(page *rod.Page) string {
	return page.MustEval(`() => JSON.stringify([...document.querySelectorAll(".media-item[data-shape=picture]")].map(m => {
		const top = document.querySelector(".entries").getBoundingClientRect().top, b = m.getBoundingClientRect()
		return [b.top - top, b.width, b.height].map(Math.round) }))`).Str()
}

// TestPictures: pictures and files are shown before they have arrived, are loaded from
// our own address, and nothing moves when they arrive.
func TestPictures(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	for name, size := range map[string][2]int{"wide": {1200, 700}, "tall": {500, 1100}, "small": {40, 30}} {
		server.pictures.Store("/api/media/"+name, makePNG(t, size[0], size[1]))
	}
	coming := []object{media("wide", "image/jpeg", "waiting", nil), media("tall", "image/png", "waiting", nil), media("gone", "image/gif", "waiting", nil)}
	server.setEntries(
		with(textEntry(0, "in", "Look at this", "", ""), object{"media": coming}),
		with(textEntry(0, "in", "", "", ""), object{"media": []object{media("small", "image/webp", "kept", object{"size": 900})}}),
		with(textEntry(0, "in", "My card, and a voice message", "", ""), object{"media": []object{
			media("card", "text/vcard", "kept", object{"size": 2340}), media("sound", "audio/amr", "waiting", nil),
			media("heic", "image/heic", "kept", object{"size": 1_430_000}), media("page", "text/html", "kept", object{"size": 88}),
			media("film", "video/mp4", "failed", object{"problem": "This file is larger than 10 MB, so it was not fetched."}),
			media("", "image/jpeg", "failed", object{"problem": "Too old."}), media("", "text/plain", "failed", object{"problem": "Too old, too."}),
		}}),
	)
	page := server.open(t)
	page.MustElement(`.media-item[data-loaded] img[alt="Picture from Jane Doe"]`)
	screenshot(t, page, "pictures-waiting")
	page.MustSetViewport(420, 720, 1, false)
	before := boxes(page)

	now := []object{media("wide", "image/jpeg", "kept", object{"size": 300_000}), media("tall", "image/png", "kept", object{"size": 90_000}),
		media("gone", "image/gif", "failed", object{"problem": "The provider does not have this picture any more."})}
	server.send(server.changed(3, with(textEntry(1, "in", "Look at this", "", ""), object{"media": now, "rev": 4})))
	page.MustElementR(".media-item[data-state=failed]", "does not have this picture")
	page.MustWait(`() => { document.querySelector(".scroller").scrollTop = 0; return document.querySelectorAll(".media-item[data-loaded]").length === 3 }`)
	if after := boxes(page); after != before {
		t.Errorf("pictures moved from %s to %s", before, after)
	}
	screenshot(t, page, "pictures")

	const see = `() => [...document.querySelectorAll(".media-item")].map(m => m.dataset.shape + ": " + m.innerText.trim().replace(/\s+/g, " ") +
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

// TestPictureFailsToLoad: the agent reads that, and can try again.
func TestPictureFailsToLoad(t *testing.T) {
	t.Parallel()
	server := newFakeServer(t)
	server.setEntries(with(textEntry(0, "in", "", "", ""), object{"media": []object{media("late", "image/png", "kept", object{"size": 900})}}))
	page := server.open(t)
	page.MustElementR(".media-item", "couldn’t be loaded")
	screenshot(t, page, "picture-trouble")
	server.pictures.Store("/api/media/late", makePNG(t, 90, 60))
	page.MustElementR(".media-item .button", "Try again").MustClick()
	page.MustElement(".media-item[data-loaded]")
	if page.MustHas(".media-item .button:not([hidden])") || page.MustHas(".media-item .info:not([hidden])") {
		t.Error("the picture is shown, and so is the failure")
	}
}
