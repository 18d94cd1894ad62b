package matte

import (
	"fmt"

	"github.com/professionalaistudio/studio/edge/vips"
)

// A mixture is what is known of a pixel before its colour is looked at: that of the people there (0 to 2), that of the background (3
// to 5), and the alpha of the sketch (6).
type mixture [known]float32

// alpha is the most probable share of the people in a pixel; see doc.go.
func (m *mixture) alpha(pixel []byte) uint8 {
	var dd, dp, pp float32 // |F-B|², (I-B)·(F-B), |I-B|²
	for c := range 3 {
		d, p := m[c]-m[3+c], float32(pixel[c])-m[3+c]
		dd += d * d
		dp += d * p
		pp += p * p
	}
	off := pp // from the line, squared
	if dd > 1 {
		off = max(pp-dp*dp/dd, 0)
	}
	sketch := m[6]
	variance := noise*noise + offLine*off
	doubt := doubtLow + (doubtMid-doubtLow)*4*sketch*(1-sketch)
	doubt *= doubt
	a := (doubt*dp + variance*sketch) / (doubt*dd + variance)
	a = (a - snap) / (1 - 2*snap)
	return uint8(min(max(a, 0), 1)*255 + 0.5)
}

// colour replaces a pixel by the people's part of it, of which there is alpha: the most probable colour that with some background
// makes the pixel.
func (m *mixture) colour(pixel []byte, alpha float32) {
	const variance, wrong = freedom * freedom, noise * noise
	rest := 1 - alpha
	gain := alpha * variance / ((alpha*alpha+rest*rest)*variance + wrong)
	for c := range 3 {
		residual := float32(pixel[c]) - alpha*m[c] - rest*m[3+c]
		pixel[c] = uint8(min(max(m[c]+gain*residual, 0), 255) + 0.5)
	}
}

// Over lays the people of r, as Refine made them, on a colour. Pixels of alpha 255 stay as they are.
func Over(r vips.Raster, alpha []byte, background vips.RGB) error {
	if err := r.Check(); err != nil {
		return err
	}
	if len(alpha) != r.Width*r.Height {
		return fmt.Errorf("matte: %d bytes of alpha do not fit a picture of %d x %d", len(alpha), r.Width, r.Height)
	}
	for i, a := range alpha {
		if a == 255 {
			continue
		}
		pixel := r.Pix[3*i:][:3]
		if a == 0 {
			pixel[0], pixel[1], pixel[2] = background.R, background.G, background.B
			continue
		}
		for c, b := range [3]uint8{background.R, background.G, background.B} {
			pixel[c] = uint8((int(pixel[c])*int(a) + int(b)*int(255-a) + 127) / 255)
		}
	}
	return nil
}
