package portrait

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/professionalaistudio/studio/edge/portrait/document"
	"github.com/professionalaistudio/studio/edge/vips"
)

// Qualities of a JPEG. GA 461 prescribes 70 for a face; nobody sees a difference above 95 but the form's byte counter.
const (
	leastQuality = 70
	usualQuality = 95
	mostQuality  = 100
)

// A window is how many bytes a file may have.
type window struct{ least, most int }

// windowOf is the row's window for a file of that size: its own limits, and enough bytes for its compression rule.
func windowOf(s document.Spec, width, height int) window {
	least, most := s.Bytes()
	if ratio := s.MaxCompression(); ratio > 0 {
		least = max(least, int(math.Ceil(3*float64(width)*float64(height)/ratio)))
	}
	return window{least, most}
}

// errBytes is a picture that does not fit into its window in any way that leaves a face worth looking at.
type errBytes struct{ need, most int }

func (e *errBytes) Error() string {
	return fmt.Sprintf("the file needs %d bytes at the lowest quality that a face bears, and may have %d", e.need, e.most)
}

// encode writes the picture into its window: a baseline JPEG with full colour resolution and quality 95 if the window has
// room for it, the best that fits otherwise, filled up legally where that is too little; or a PNG. Nobody sees 3 % of a file that has room, so there the
// usual tables do.
func encode(ctx context.Context, img *vips.Image, format vips.Format, dpi float64, w window) ([]byte, error) {
	if format == vips.PNG {
		return encodePNG(img, dpi, w)
	}
	tried := map[vips.EncodeConfig][]byte{}
	defer func() {
		for _, data := range tried {
			clear(data)
		}
	}()
	quick := true
	try := func(quality int, full bool) ([]byte, error) {
		cfg := vips.EncodeConfig{Format: vips.JPEG, Quality: quality, Subsample444: full, DPI: dpi, StripMetadata: true, Quick: quick}
		if data, ok := tried[cfg]; ok {
			return data, nil
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		data, err := written(img, cfg)
		if err == nil {
			tried[cfg] = data
		}
		return data, err
	}
	// best is the highest quality from low to high that fits, or low when none does. Bytes grow with quality.
	best := func(low, high int, full bool) (data []byte, err error) {
		for low < high {
			mid := (low + high + 1) / 2
			if data, err = try(mid, full); err != nil {
				return nil, err
			}
			if len(data) <= w.most {
				low = mid
			} else {
				high = mid - 1
			}
		}
		return try(low, full)
	}
	data, err := try(usualQuality, true)
	if err != nil {
		return nil, err
	}
	if len(data) > w.most {
		quick = false // where bytes are short none is wasted
		if data, err = best(leastQuality, usualQuality, true); err == nil && len(data) > w.most {
			data, err = best(leastQuality, usualQuality, false)
		}
	} else if len(data) < w.least {
		// The lowest that has enough, so that nothing is spent for nothing; 100 when none has.
		low, high := usualQuality+1, mostQuality
		for low < high && err == nil {
			mid := (low + high) / 2
			if data, err = try(mid, true); len(data) >= w.least {
				high = mid
			} else {
				low = mid + 1
			}
		}
		if err == nil {
			data, err = try(low, true)
		}
		if err == nil && len(data) > w.most { // a window narrower than a step of quality
			data, err = best(usualQuality, mostQuality, true)
		}
	}
	if err != nil {
		return nil, err
	}
	if len(data) > w.most {
		return nil, &errBytes{len(data), w.most}
	}
	return pad(data, w.least), nil
}

func encodePNG(img *vips.Image, dpi float64, w window) ([]byte, error) {
	data, err := written(img, vips.EncodeConfig{Format: vips.PNG, DPI: dpi, StripMetadata: true})
	if err == nil && len(data) > w.most {
		clear(data)
		data, err = written(img, vips.EncodeConfig{Format: vips.PNG, DPI: dpi, StripMetadata: true, Compression: 9})
	} else if err == nil && len(data) < w.least {
		clear(data)
		data, err = written(img, vips.EncodeConfig{Format: vips.PNG, DPI: dpi, StripMetadata: true, Compression: 1})
	}
	if err != nil {
		return nil, err
	}
	if len(data) > w.most || len(data) < w.least {
		return nil, &errBytes{len(data), w.most}
	}
	return data, nil
}

// written encodes into memory of Go's, which is the result's owner to wipe.
func written(img *vips.Image, cfg vips.EncodeConfig) ([]byte, error) {
	b, err := img.Encode(cfg)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return append([]byte(nil), b.Bytes()...), nil
}

// pad fills a JPEG up to least bytes with comment segments before its tables, where every reader skips them. Bytes behind
// the end marker, which others append, are refused by some forms. It always returns a new slice.
func pad(jpeg []byte, least int) []byte {
	const head, most = 4, 65533 // marker and length; the payload that the length can count
	at := 2
	if len(jpeg) > 6 && jpeg[2] == 0xff && jpeg[3] == 0xe0 { // behind JFIF's own segment, which must be first
		at = min(4+int(binary.BigEndian.Uint16(jpeg[4:])), len(jpeg))
	}
	out := append(make([]byte, 0, max(least, len(jpeg))+head), jpeg[:at]...)
	for missing := least - len(jpeg); missing > 0; {
		body := min(max(missing-head, 0), most)
		if left := missing - head - body; left > 0 && left < head {
			body -= head // the last segment needs room for its own head
		}
		out = append(out, 0xff, 0xfe)
		out = binary.BigEndian.AppendUint16(out, uint16(body+2))
		for range body {
			out = append(out, ' ')
		}
		missing -= head + body
	}
	return append(out, jpeg[at:]...)
}
