package document

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"
)

var (
	idForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	wordForm = regexp.MustCompile(`^[a-z0-9]+(_[a-z0-9]+)*$`)
	hexForm  = regexp.MustCompile(`^#[0-9A-F]{6}$`)
)

// formats that a file may have by a row's word. Those that are not written here leave JPEG and PNG.
var formats = []string{"jpg", "jpeg", "png", "heic", "heif", "bmp", "gif"}

// checkKeys says which members a row lacks, and which it has that differ from ours in the case of letters alone: a number
// that was left out by mistake would be a rule that nobody judges by.
func checkKeys(members map[string]member) error {
	var faults []error
	for _, name := range required {
		if _, ok := members[name]; !ok {
			faults = append(faults, fmt.Errorf("%s is missing", name))
		}
	}
	for name := range members {
		if _, ok := fieldOf[name]; !ok {
			faults = append(faults, fmt.Errorf("a row has no %.60q", name))
		}
	}
	return errors.Join(faults...)
}

// A member is there or not; what it holds is read elsewhere.
type member struct{}

func (*member) UnmarshalJSON([]byte) error { return nil }

// required are the members that every row has.
var required = func() (names []string) {
	for i := range specType.NumField() {
		if f := specType.Field(i); jsonName(f) != "" && !strings.Contains(f.Tag.Get("json"), ",omitempty") {
			names = append(names, jsonName(f))
		}
	}
	return names
}()

// inside says whether an end of a band is open, or from 0 to most.
func inside(end, most float64) bool { return math.IsInf(end, 0) || end >= 0 && end <= most }

// check says everything that is wrong with a row.
func (s *Spec) check() error {
	var faults []error
	fault := func(wrong bool, format string, args ...any) {
		if wrong {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	fault(!idForm.MatchString(s.ID), "the id %q is not of lower-case words joined by hyphens", s.ID)
	fault(!isCountry(s.Country), "the country %q is no code of two letters that has a name", s.Country)
	fault(s.Document == "", "the document has no name")
	fault(s.WidthMM <= 0 || s.HeightMM <= 0 || s.WidthMM > 500 || s.HeightMM > 500, "size %g × %g mm", s.WidthMM, s.HeightMM)
	fault(s.DPI < 72 || s.DPI > 1200, "dpi %d", s.DPI)
	fault((s.WidthPX == nil) != (s.HeightPX == nil), "width_px and height_px must stand together")
	fault(s.WidthPX != nil && (*s.WidthPX < 1 || *s.HeightPX < 1), "size in pixels")
	fault(s.DigitalAspect < 0 || s.DigitalAspect > 10, "digital_aspect_w_over_h %g", s.DigitalAspect)
	fault(s.DigitalAspectDiffers != (s.DigitalAspect > 0), "digital_aspect_differs_from_print without digital_aspect_w_over_h, or the other way round")
	fault(!slices.Contains([]HeadTop{HairTop, SkullCrown, Unspecified}, s.HeadTop), "head_top %q", s.HeadTop)
	fault(!slices.Contains([]Replacement{Prohibited, Risky, Unknown, Allowed}, s.BackgroundReplacement), "background_replacement %q", s.BackgroundReplacement)
	fault(!slices.Contains([]Submission{SelfPrintOrUpload, PrintAtCounter, CapturedMostly, CapturedOnly, CertifiedOnly, ProfessionalOnly, StudioWithStamp, ApprovedBooth}, s.Submission), "submission %q", s.Submission)
	fault(!slices.Contains(trust, s.Confidence), "confidence %q", s.Confidence)
	fault(len(s.Background) == 0, "no background")
	for tag, list := range s.Names {
		_, err := language.Parse(tag)
		fault(err != nil || len(list) == 0 || slices.Contains(list, ""), "names in %q", tag)
	}
	if err := s.checkSaid(); err != nil {
		faults = append(faults, err)
	}
	fault(len(s.Source) == 0 || len(s.Source) != len(s.SourceDates), "%d sources with %d dates", len(s.Source), len(s.SourceDates))
	fault(!isDay(s.Checked), "checked on %.40q, which is no day", s.Checked)
	for name, word := range map[string]string{"glasses": s.Glasses, "head_covering": s.HeadCovering, "alteration_rule": s.AlterationRule} {
		fault(!wordForm.MatchString(word), "%s %.60q is not of lower-case words joined by _", name, word)
	}
	for _, c := range s.Background {
		fault(c.Name == "" || !hexForm.MatchString(c.Hex), "background %.40q %.40q", c.Name, c.Hex)
	}
	fault(s.FileFormats == nil || s.Other == nil, "file_formats and other must be lists, though they may be empty")
	for _, format := range s.FileFormats {
		fault(!slices.Contains(formats, format), "file_formats has %.40q", format)
	}
	fault(slices.Contains(s.Source, "") || slices.Contains(s.Other, ""), "a source or a remark is empty")
	for name, b := range map[string]*Band{
		"head_height_ratio": s.HeadHeightRatio, "eye_line_from_bottom_ratio": s.EyeLineRatio, "top_margin_ratio": s.TopMarginRatio,
		"inter_eye_distance_ratio_of_width": s.InterEyeRatio,
	} {
		fault(b != nil && !(inside(b.Min, 1) && inside(b.Max, 1)), "%s is not a share", name)
	}
	for name, b := range map[string]*Band{
		"head_height_mm": s.HeadHeightMM, "eye_line_from_bottom_mm": s.EyeLineMM, "top_margin_mm": s.TopMarginMM, "chin_to_bottom_mm": s.ChinToBottomMM, "chin_to_eye_mm": s.ChinToEyeMM,
	} {
		fault(b != nil && !(inside(b.Min, s.HeightMM) && inside(b.Max, s.HeightMM)), "%s does not fit into the photo", name)
	}
	fault(s.HeadWidthMM != nil && !(inside(s.HeadWidthMM.Min, s.WidthMM) && inside(s.HeadWidthMM.Max, s.WidthMM)), "head_width_mm does not fit into the photo")
	if b := s.FaceWidthPX; b != nil {
		fault(s.WidthPX == nil || b.Min <= 0 || b.Max > float64(*s.WidthPX) || math.IsInf(b.Min, 0), "face_width_px needs width_px, and does not fit into it")
	}
	if b := s.FileSizeKB; b != nil {
		fault(!inside(b.Min, 1<<20) || !inside(b.Max, 1<<20), "file_size_kb %v", *b)
	}
	for name, v := range map[string]float64{
		"center_offset_max_mm": s.CenterOffsetMaxMM, "side_to_ear_min_mm": s.SideToEarMinMM, "inter_eye_distance_min_mm": s.InterEyeMinMM,
	} {
		fault(v < 0 || v > s.WidthMM, "%s %g", name, v)
	}
	for _, b := range []*Band{s.HeadHeightMM, s.HeadHeightRatio} {
		fault(b != nil && (b.Min <= 0 || math.IsInf(b.Min, 0) || math.IsInf(b.Max, 0)), "the head's height has an open end")
	}
	if len(faults) == 0 {
		w, h := s.FilePixels()
		fault(w < 16 || h < 16 || w > 20000 || h > 20000, "a file of %d × %d pixels", w, h)
	}
	if r := s.PXRange; r != nil {
		fault(r.MinWidth != nil && r.MaxWidth != nil && *r.MinWidth > *r.MaxWidth, "px_range widths")
		fault(r.MinHeight != nil && r.MaxHeight != nil && *r.MinHeight > *r.MaxHeight, "px_range heights")
		if len(faults) == 0 {
			if err := s.CheckPixels(s.FilePixels()); err != nil {
				faults = append(faults, fmt.Errorf("no size in pixels satisfies the row: %w", err))
			}
		}
	}
	return errors.Join(faults...)
}
