package popup

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/server/web"
	"sidetext/store"
)

// shownTypes are the types that a browser may show. A shopper chooses what they
// send, so all others can only be saved. A type that can run, such as SVG or HTML,
// is not even named to the browser.
var shownTypes = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}

// savedTypes are the types that are delivered under their own name.
var savedTypes = map[string]string{
	"image/heic": ".heic", "image/heif": ".heif", "image/avif": ".avif", "image/bmp": ".bmp",
	"video/mp4": ".mp4", "video/3gpp": ".3gp", "video/3gpp2": ".3g2", "video/quicktime": ".mov", "video/webm": ".webm",
	"audio/3gpp": ".3gp", "audio/3gpp2": ".3g2", "audio/webm": ".webm", "audio/aac": ".aac", "audio/x-caf": ".caf", "audio/flac": ".flac",
	"audio/amr": ".amr", "audio/mp4": ".m4a", "audio/mpeg": ".mp3", "audio/wave": ".wav", "application/ogg": ".ogg",
	"text/vcard": ".vcf", "text/calendar": ".ics", "application/pdf": ".pdf",
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   ".docx",
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         ".xlsx",
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}

// media handles GET /api/media/:id: a picture or file that came with a text, for
// an agent or the merchant of its shop.
func (p *Popup) media(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), web.HandleTimeout)
	defer cancel()
	file, err := p.findMedia(ctx, c)
	if err != nil {
		return err
	}
	disposition, kind, name := "inline", file.Type, shownTypes[file.Type]
	if name == "" {
		disposition, name = "attachment", savedTypes[file.Type]
	}
	if name == "" {
		kind = "application/octet-stream"
	}
	for header, value := range map[string]string{
		"Content-Type":            kind,
		"Content-Disposition":     disposition + `; filename="` + shopperFile + name + `"`,
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Cache-Control":           "private, max-age=31536000, immutable", // a file never changes
	} {
		c.Set(header, value)
	}
	return c.SendStream(&slowReader{file, c.Context().Conn(), file.Size}, int(file.Size))
}

// file handles GET /files/:id, which the ticket links to: the file, for an agent
// or the merchant of its shop. Without a session, the browser goes to the pop-up
// to sign in and takes along the fragment of the link, which names the
// conversation and the file; the server reads neither.
func (p *Popup) file(c *fiber.Ctx) error {
	err := p.media(c)
	if errors.Is(err, chat.ErrSignedOut) {
		return c.Redirect("/popup", fiber.StatusSeeOther)
	}
	return err
}

// shopperFile is the name of a saved file from a shopper: carriers don't deliver
// the shopper's own file names.
const shopperFile = "from-shopper"

// findMedia finds the requested file in the shop of the request's session. An agent
// of one shop may be the merchant of another.
func (p *Popup) findMedia(ctx context.Context, c *fiber.Ctx) (*store.MediaReader, error) {
	result := error(chat.ErrSignedOut)
	for _, role := range []store.SessionRole{store.AgentSession, store.MerchantSession} {
		session, err := p.Web.Session(c, role)
		if errors.Is(err, chat.ErrSignedOut) {
			continue
		}
		if err != nil {
			return nil, err
		}
		file, err := p.Store.Media(ctx, session.Shop, chat.MediaID(c.Params("id")))
		if !errors.Is(err, chat.ErrNotFound) {
			return file, err
		}
		result = err
	}
	return nil, result
}

// minRate is how slowly a browser may receive a file, in bytes a second.
const minRate = 16 << 10

// A slowReader sends a file to a browser that may be slow: it extends the server's
// write timeout, which is meant for short responses, according to the file's size.
type slowReader struct {
	io.Reader
	conn net.Conn
	size int64 // 0 after the first read, which is after the server has set its deadline
}

func (r *slowReader) Read(to []byte) (int, error) {
	if r.size > 0 {
		if err := r.conn.SetWriteDeadline(time.Now().Add(web.WriteTimeout + time.Duration(r.size/minRate)*time.Second)); err != nil {
			return 0, err
		}
		r.size = 0
	}
	return r.Reader.Read(to)
}
