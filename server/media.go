package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"sidetext/chat"
	"sidetext/store"
)

// shows are the kinds of picture that a browser may show. A shopper chooses what
// they send: whatever else it is, it is only to be saved. A kind that can run,
// such as SVG or HTML, is not even named to the browser.
var shows = map[string]string{"image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp"}

// saves are the kinds of file that are handed out under their own name.
var saves = map[string]string{
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
func (s *server) media(c *fiber.Ctx) error {
	ctx, cancel := context.WithTimeout(context.Background(), handleWithin)
	defer cancel()
	picture, err := s.picture(ctx, c)
	if err != nil {
		return err
	}
	disposition, kind, name := "inline", picture.Type, shows[picture.Type]
	if name == "" {
		disposition, name = "attachment", saves[picture.Type]
	}
	if name == "" {
		kind = "application/octet-stream"
	}
	for header, value := range map[string]string{
		"Content-Type":            kind,
		"Content-Disposition":     disposition + `; filename="` + shopperFile + name + `"`,
		"Content-Security-Policy": "sandbox; default-src 'none'",
		"Cache-Control":           "private, max-age=31536000, immutable", // what is kept never changes
	} {
		c.Set(header, value)
	}
	return c.SendStream(&unhurried{picture, c.Context().Conn(), picture.Size}, int(picture.Size))
}

// file handles GET /files/:id, which the ticket links to: the file, for an agent
// or the merchant of its shop. Without a session, the browser goes to the pop-up
// to sign in and takes along what is behind the # of the link, which names the
// conversation and the file; the server looks for neither.
func (s *server) file(c *fiber.Ctx) error {
	err := s.media(c)
	if errors.Is(err, chat.ErrSignedOut) {
		return c.Redirect("/popup", fiber.StatusSeeOther)
	}
	return err
}

// fileLink says where agents find the files of a conversation's texts. Such a
// link names a file and carries no authority, as the launch token in it.
func (s *server) fileLink(sight chat.Snapshot) (func(chat.Media) string, error) {
	launch, err := s.launcher.Token(sight.Conversation.Shop, sight.Conversation.ID, s.now())
	if err != nil {
		return nil, err
	}
	return func(m chat.Media) string {
		id := url.QueryEscape(string(m.ID))
		return s.settings.PublicURL + "/files/" + id + "#t=" + launch + "&ticket=" + url.QueryEscape(sight.Ticket.Remote) + "&file=" + id
	}, nil
}

// shopperFile is what a file from a shopper is called where it is saved: their
// own names for files are not among what carriers deliver.
const shopperFile = "from-shopper"

// picture finds what a request asks for in the shop of whoever makes it: who is
// signed in as an agent of one shop may be another's merchant.
func (s *server) picture(ctx context.Context, c *fiber.Ctx) (*store.MediaReader, error) {
	answer := error(chat.ErrSignedOut)
	for _, role := range []store.SessionRole{store.AgentSession, store.MerchantSession} {
		session, err := s.session(c, role)
		if errors.Is(err, chat.ErrSignedOut) {
			continue
		}
		if err != nil {
			return nil, err
		}
		picture, err := s.store.Media(ctx, session.Shop, chat.MediaID(c.Params("id")))
		if !errors.Is(err, chat.ErrNotFound) {
			return picture, err
		}
		answer = err
	}
	return nil, answer
}

// slowest is how slowly a file may be taken, in bytes a second.
const slowest = 16 << 10

// unhurried is a file that is sent however long it takes a slow browser: the
// time that an answer may take is meant for answers of ours, which are short.
type unhurried struct {
	io.Reader
	conn net.Conn
	size int64 // until the first byte is asked for; that is after the server has set the time
}

func (u *unhurried) Read(to []byte) (int, error) {
	if u.size > 0 {
		if err := u.conn.SetWriteDeadline(time.Now().Add(writeWithin + time.Duration(u.size/slowest)*time.Second)); err != nil {
			return 0, err
		}
		u.size = 0
	}
	return u.Reader.Read(to)
}
