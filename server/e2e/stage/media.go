package stage

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"
	"slices"
	"testing"

	"sidetext/chat"
	"sidetext/pretend/twilio"
	"sidetext/server/demo"
)

// SamplePictures returns a small picture in each of the formats that browsers
// show.
func SamplePictures(t *testing.T) map[string][]byte {
	t.Helper()
	picture := image.NewPaletted(image.Rect(0, 0, 40, 30), color.Palette{color.Black, color.White})
	var p, j, g bytes.Buffer
	Must(t, png.Encode(&p, picture))
	Must(t, jpeg.Encode(&j, picture, nil))
	Must(t, gif.Encode(&g, picture, nil))
	return map[string][]byte{"image/png": p.Bytes(), "image/jpeg": j.Bytes(), "image/gif": g.Bytes(), "image/webp": []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00")}
}

// SendPictures sends a text with media from a phone, and waits until the store
// has it.
func (s *Stage) SendPictures(from, text string, media ...twilio.Media) {
	s.T.Helper()
	s.Log.AddSecrets("/Media/ME") // the address alone lets anyone fetch them
	ctx, cancel := context.WithTimeout(context.Background(), Timeout)
	defer cancel()
	_, calls, err := s.World.Twilio.Deliver(ctx, twilio.Inbound{From: from, To: demo.Number, Body: text, Media: media})
	Must(s.T, err)
	if len(calls) != 1 || calls[0].Status != http.StatusOK {
		s.T.Fatalf("the webhook was called %+v", calls)
	}
}

// MediaFrom returns the media of a phone, once all of it is fetched.
func (s *Stage) MediaFrom(from string) (media []chat.Media) {
	s.T.Helper()
	Until(s.T, "what came with a text is stored, or failed", func() bool {
		media = nil
		for _, e := range s.TextsFrom(from) {
			media = append(media, e.Media...)
		}
		return !slices.ContainsFunc(media, func(m chat.Media) bool { return m.State == chat.MediaWaiting })
	})
	return media
}

// Get requests a file as a browser does.
func (c *Client) Get(method string, id chat.MediaID, more ...string) (*http.Response, []byte) {
	c.S.T.Helper()
	req, err := http.NewRequest(method, c.S.URL+"/api/media/"+string(id), nil)
	Must(c.S.T, err)
	for i := 0; i < len(more); i += 2 {
		req.Header.Set(more[i], more[i+1])
	}
	resp, err := c.HTTP.Do(req)
	Must(c.S.T, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	Must(c.S.T, err)
	return resp, body
}
