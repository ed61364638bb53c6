package public_test

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// screenshot writes pictures of the page to the folder SCREENSHOTS, if that is set: in
// the sizes in which the pop-up is used, light and dark.
func screenshot(t *testing.T, page *rod.Page, name string) {
	t.Helper()
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		return
	}
	for size, metrics := range map[string]proto.EmulationSetDeviceMetricsOverride{
		"phone": {Width: 390, Height: 844, DeviceScaleFactor: 2},
		"small": {Width: 420, Height: 640, DeviceScaleFactor: 1},
		"wide":  {Width: 1100, Height: 800, DeviceScaleFactor: 1},
	} {
		for _, scheme := range []string{"light", "dark"} {
			page.MustSetViewport(metrics.Width, metrics.Height, metrics.DeviceScaleFactor, false)
			err := proto.EmulationSetEmulatedMedia{Features: []*proto.EmulationMediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}.Call(page)
			if err != nil {
				t.Fatal(err)
			}
			page.MustEval(`() => new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn))).then(() =>
				Promise.allSettled(document.getAnimations().filter(a => isFinite(a.effect.getComputedTiming().endTime)).map(a => a.finished)))`)
			picture, err := page.Screenshot(false, nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(folder, name+"-"+size+"-"+scheme+".png"), picture, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// makePNG returns a PNG of this size.
func makePNG(t *testing.T, width, height int) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, width, height))
	for x := range width {
		for y := range height {
			c := color.NRGBA{R: uint8(90 + 120*x/width), G: uint8(60 + 140*y/height), B: 110, A: 255}
			if (x-width/2)*(x-width/2)+(y-height/2)*(y-height/2) < height*height/9 {
				c = color.NRGBA{R: 240, G: 225, B: 200, A: 255}
			}
			picture.SetNRGBA(x, y, c)
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
