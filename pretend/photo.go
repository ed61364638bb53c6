package pretend

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"math"
	"sync"
)

// photo returns a JPEG for shoppers to send: a cracked cup on a table.
var photo = sync.OnceValue(func() []byte {
	const width, height = 640, 480
	cup := image.Rect(210, 140, 400, 370)
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		light := uint8(210 - y/6)
		wall := color.RGBA{light, light - 8, light - 24, 255}
		if y > 330 {
			wall = color.RGBA{light - 20, light - 60, light - 90, 255}
		}
		draw.Draw(picture, image.Rect(0, y, width, y+1), image.NewUniform(wall), image.Point{}, draw.Src)
	}
	for y := cup.Min.Y - 40; y < cup.Max.Y; y++ {
		for x := cup.Min.X; x < cup.Max.X+90; x++ {
			fromHandle := math.Hypot(float64(x-cup.Max.X), float64(y-250))
			crack := 300 + 14*math.Asin(math.Sin(float64(y)/13)) + float64(y-cup.Min.Y)/6
			glaze := uint8(245 - 90*max(x-cup.Min.X, 0)/cup.Dx())
			switch inside := (image.Point{X: x, Y: y}).In(cup); {
			case inside && math.Abs(float64(x)-crack) < 3:
				picture.Set(x, y, color.RGBA{60, 45, 40, 255})
			case inside:
				picture.Set(x, y, color.RGBA{glaze - 40, glaze - 20, glaze, 255})
			case x >= cup.Max.X && fromHandle > 46 && fromHandle < 70:
				picture.Set(x, y, color.RGBA{105, 125, 145, 255})
			}
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, picture, nil); err != nil {
		panic(err) // fails only for much larger pictures
	}
	return out.Bytes()
})
