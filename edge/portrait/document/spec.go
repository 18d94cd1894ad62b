package document

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Spec is a row of the pack: what one authority asks of the photo for one document. The fields are the row as it was
// written down; what follows from them (exact sizes, rules in millimetres, defaults) is in the methods.
type Spec struct {
	ID       string `json:"id"`
	Country  string `json:"country"`  // ISO 3166; EU and ZZ (no country) besides
	Document string `json:"document"` // what it is for, in words

	WidthMM  float64     `json:"width_mm"`
	HeightMM float64     `json:"height_mm"`
	DPI      int         `json:"dpi"` // of a print, and of the density tag
	WidthPX  *int        `json:"width_px"`
	HeightPX *int        `json:"height_px"`
	PXRange  *PixelRange `json:"px_range"`

	HeadHeightMM           *Band   `json:"head_height_mm"`
	HeadHeightRatio        *Band   `json:"head_height_ratio"`
	HeadHeightRatioDerived bool    `json:"head_height_ratio_derived"` // the ratio was computed from the millimetres
	HeadTop                HeadTop `json:"head_top"`
	HeadWidthMM            *Band   `json:"head_width_mm"`
	EyeLineMM              *Band   `json:"eye_line_from_bottom_mm"`
	EyeLineRatio           *Band   `json:"eye_line_from_bottom_ratio"`
	TopMarginMM            *Band   `json:"top_margin_mm"`
	TopMarginRatio         *Band   `json:"top_margin_ratio"`

	Background  []Colour `json:"background"` // allowed; the first is the default
	FileFormats []string `json:"file_formats"`
	FileSizeKB  *Band    `json:"file_size_kb"`

	Glasses               string      `json:"glasses"`
	HeadCovering          string      `json:"head_covering"`
	Other                 []string    `json:"other"`
	AlterationRule        string      `json:"alteration_rule"`
	BackgroundReplacement Replacement `json:"background_replacement"`
	Submission            Submission  `json:"submission"`

	Source      []string  `json:"source"`
	SourceDates []*string `json:"source_dates"` // of each source, in order; null where it bears none
	Confidence  string    `json:"confidence"`   // high, medium, low

	Attributions []Attribution `json:"said,omitempty"` // what is known of some numbers alone; see Said

	Checked string `json:"checked"` // the day the row was compiled

	// What only some rows have.
	PXImpliedDPI          int            `json:"px_implied_dpi,omitempty"`
	DigitalAspectDiffers  bool           `json:"digital_aspect_differs_from_print,omitempty"`
	DigitalAspect         float64        `json:"digital_aspect_w_over_h,omitempty"`
	DigitalAspectDiffers2 bool           `json:"digital_aspect_differs,omitempty"` // the same, as one row spells it
	DigitalAspectWords    string         `json:"digital_aspect,omitempty"`
	SizeRangeMM           *SizeRange     `json:"size_range_mm,omitempty"`
	HeadRejectOutsideMM   *RejectOutside `json:"head_height_reject_outside_mm,omitempty"`
	AlternativeSizesMM    [][2]float64   `json:"alternative_sizes_mm,omitempty"`
	AlternativePX         [][2]int       `json:"alternative_px,omitempty"`
	VendorPreset          *VendorPreset  `json:"vendor_preset,omitempty"`
	ChinToBottomMM        *Band          `json:"chin_to_bottom_mm,omitempty"`
	ChinToEyeMM           *Band          `json:"chin_to_eye_mm,omitempty"`
	CenterOffsetMaxMM     float64        `json:"center_offset_max_mm,omitempty"`
	SideToEarMinMM        float64        `json:"side_to_ear_min_mm,omitempty"`
	InterEyeMinMM         float64        `json:"inter_eye_distance_min_mm,omitempty"`
	InterEyeRatio         *Band          `json:"inter_eye_distance_ratio_of_width,omitempty"`
	FaceWidthPX           *Band          `json:"face_width_px,omitempty"`
	PrintFrameMM          *[2]float64    `json:"print_frame_mm,omitempty"`
	OfficialHex           bool           `json:"background_hex_is_official_reference,omitempty"`

	HeadFrom string `json:"head_from,omitempty"` // the row whose head one without a head rule borrows
	// Contradicts says why the row's own numbers exclude one another. They are made to fit as far as they go, and every
	// finding on the head says so.
	Contradicts string              `json:"contradiction,omitempty"`
	Names       map[string][]string `json:"names,omitempty"` // of this document alone, by language

	compiled string
	relative relative // where the head rule comes from when the row has none
}

// HeadTop is the top that a row's head height is measured to.
type HeadTop string

const (
	HairTop     HeadTop = "hair_top"    // hair counts
	SkullCrown  HeadTop = "skull_crown" // as if there were no hair
	Unspecified HeadTop = "unspecified" // the source is silent: both are made to fit where they can
)

// Replacement is whether the background may be replaced.
type Replacement string

const (
	Prohibited Replacement = "prohibited"
	Risky      Replacement = "risky" // a general rule against editing exists
	Unknown    Replacement = "unknown"
	Allowed    Replacement = "allowed"
)

// Submission is how the photo reaches the authority, and so whether one can be made at home.
type Submission string

const (
	SelfPrintOrUpload Submission = "self_print_or_upload"
	PrintAtCounter    Submission = "print_at_counter"
	CapturedMostly    Submission = "authority_captures_mostly"
	CapturedOnly      Submission = "authority_captures_only"
	CertifiedOnly     Submission = "certified_provider_only"
	ProfessionalOnly  Submission = "professional_only"
	StudioWithStamp   Submission = "professional_studio_with_stamp"
	ApprovedBooth     Submission = "professional_or_approved_booth"
)

// A Colour of the ground; Hex is our rendering of the name unless the row says it is official.
type Colour struct {
	Name string `json:"name"`
	Hex  string `json:"hex"`
}

// PixelRange bounds the size of a file; a bound that is not there is nil.
type PixelRange struct {
	MinWidth  *int `json:"min_width"`
	MinHeight *int `json:"min_height"`
	MaxWidth  *int `json:"max_width"`
	MaxHeight *int `json:"max_height"`
}

// SizeRange is the smallest and the largest print, width before height, in millimetres.
type SizeRange struct{ Min, Max [2]float64 }

// RejectOutside is the head height beyond which a clerk refuses, in millimetres; the row's band is what to aim at.
type RejectOutside struct {
	Adult     [2]float64 `json:"adult"`
	Child6To9 [2]float64 `json:"child_6_9"`
}

// VendorPreset is what a seller of photos uses where the authority is silent: known, never judged by.
type VendorPreset struct {
	HeadToHairTopMM float64 `json:"head_to_hair_top_mm"`
	EyeLineRatio    float64 `json:"eye_line_from_bottom_ratio"`
}

func (r SizeRange) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string][2]float64{"min": r.Min, "max": r.Max})
}

// twoInches is the side of the American square. Tables print 51 mm; 600 px at 300 dpi and every template are 50.8.
const twoInches = 50.8

// Size of the print in millimetres, exact.
func (s Spec) Size() (width, height float64) {
	if s.WidthMM == 51 && s.HeightMM == 51 {
		return twoInches, twoInches
	}
	return s.WidthMM, s.HeightMM
}

// FileSize is the frame of the file in the same millimetres: as high as the print, and as wide as the file's own aspect
// makes it, so that a rule given in millimetres or in shares of the height holds in both.
func (s Spec) FileSize() (width, height float64) {
	width, height = s.Size()
	switch {
	case s.DigitalAspect > 0:
		width = height * s.DigitalAspect
	case s.WidthPX != nil:
		width = height * float64(*s.WidthPX) / float64(*s.HeightPX)
	}
	return width, height
}

// Reshaped says whether the file has another shape than the print, so that each needs a crop of its own.
func (s Spec) Reshaped() bool { return s.DigitalAspect > 0 }

// PrintPixels is the size of a print at a density: px = round(mm / 25.4 * dpi).
func (s Spec) PrintPixels(dpi float64) (width, height int) {
	w, h := s.Size()
	return pixels(w, dpi), pixels(h, dpi)
}

func pixels(mm, dpi float64) int { return int(math.Round(mm / 25.4 * dpi)) }

// FilePixels is the size of the file: the row's own where it names one, else the print's at the row's dpi, in the file's
// aspect, brought into the row's bounds.
func (s Spec) FilePixels() (width, height int) {
	if s.WidthPX != nil {
		return *s.WidthPX, *s.HeightPX
	}
	if s.DigitalAspect == 0 && s.PXRange == nil {
		return s.PrintPixels(float64(s.DPI))
	}
	w, h := s.FileSize()
	aspect := w / h
	height = pixels(h, float64(s.DPI))
	if r := s.PXRange; r != nil {
		if r.MinHeight != nil {
			height = max(height, *r.MinHeight)
		}
		if r.MinWidth != nil {
			height = max(height, int(math.Ceil(float64(*r.MinWidth)/aspect-0.5)))
		}
		if r.MaxHeight != nil {
			height = min(height, *r.MaxHeight)
		}
		if r.MaxWidth != nil {
			height = min(height, int(float64(*r.MaxWidth)/aspect+0.5))
		}
	}
	// 3:4 is exact at every fourth height: take one that is, where the bounds leave room.
	for h := height; s.Reshaped() && h < height+8; h++ {
		if w := float64(h) * aspect; math.Abs(w-math.Round(w)) < 1e-9 && s.CheckPixels(int(math.Round(w)), h) == nil {
			height = h
			break
		}
	}
	return s.WidthFor(height), height
}

// WidthFor is the width of a file of that height.
func (s Spec) WidthFor(height int) int {
	w, h := s.FileSize()
	return int(math.Round(float64(height) * w / h))
}

// CheckPixels judges a file's size against the row: nil, or what is wrong with it.
func (s Spec) CheckPixels(width, height int) error {
	if s.WidthPX != nil {
		if width != *s.WidthPX || height != *s.HeightPX {
			return fmt.Errorf("it must be exactly %d × %d pixels", *s.WidthPX, *s.HeightPX)
		}
		return nil
	}
	if r := s.PXRange; r != nil {
		for _, bound := range []struct {
			limit *int
			got   int
			most  bool
			what  string
		}{
			{r.MinWidth, width, false, "width"}, {r.MinHeight, height, false, "height"},
			{r.MaxWidth, width, true, "width"}, {r.MaxHeight, height, true, "height"},
		} {
			switch {
			case bound.limit == nil:
			case bound.most && bound.got > *bound.limit:
				return fmt.Errorf("its %s must be at most %d pixels", bound.what, *bound.limit)
			case !bound.most && bound.got < *bound.limit:
				return fmt.Errorf("its %s must be at least %d pixels", bound.what, *bound.limit)
			}
		}
	} else if w, h := s.FilePixels(); width != w || height != h {
		return fmt.Errorf("at %d dpi it must be %d × %d pixels", s.DPI, w, h)
	}
	// One pixel of rounding in the width is all that the aspect may be off.
	if math.Abs(float64(width-s.WidthFor(height))) > 1 {
		return fmt.Errorf("at %d pixels high it must be %d wide", height, s.WidthFor(height))
	}
	return nil
}

// Formats that the file may have: the row's, in its order of preference, or JPEG and PNG where it names none.
func (s Spec) Formats() []string {
	if len(s.FileFormats) == 0 {
		return []string{"jpg", "png"}
	}
	return slices.Clone(s.FileFormats)
}

// MayBe says whether a file of this format ("jpg", "png") may be handed in.
func (s Spec) MayBe(format string) bool {
	if format == "jpeg" {
		format = "jpg"
	}
	return slices.Contains(s.Formats(), format)
}

// Bytes is the window that the file's size must hit. A row's KB may be 1000 or 1024 bytes: the window is the part on
// which both readers agree. An open end is 0 or the largest int.
func (s Spec) Bytes() (least, most int) {
	most = math.MaxInt
	if b := s.FileSizeKB; b != nil {
		if !math.IsInf(b.Min, 0) {
			least = int(math.Ceil(b.Min * 1024))
		}
		if !math.IsInf(b.Max, 0) {
			most = int(b.Max * 1000)
		}
	}
	return least, most
}

var compressionRule = regexp.MustCompile(`(?i)compression ratio (\d+):1`)

// MaxCompression is how many times a JPEG may be smaller than its pixels (20 for the American visa), 0 when unlimited.
func (s Spec) MaxCompression() float64 {
	for _, note := range s.Other {
		if m := compressionRule.FindStringSubmatch(note); m != nil {
			n, _ := strconv.Atoi(m[1])
			return float64(n)
		}
	}
	return 0
}

// EditBarred says that the authority forbids replacing the background, so that the photo is cropped and nothing else.
func (s Spec) EditBarred() bool { return s.BackgroundReplacement == Prohibited }

// MayExtend says that nothing known forbids carrying an even background on beyond the edge of the capture.
func (s Spec) MayExtend() bool {
	silent := s.AlterationRule == "not_found" || s.AlterationRule == "none"
	return silent && (s.BackgroundReplacement == Unknown || s.BackgroundReplacement == Allowed)
}

// MayStraighten says that a head held at a slant may be turned upright. Italy's CIE text forbids it by name.
func (s Spec) MayStraighten() bool { return !strings.Contains(s.AlterationRule, "no_deskew") }
