package compliance

import "github.com/professionalaistudio/studio/edge/portrait/document"

// A Verdict is the outcome of one rule.
type Verdict string

const (
	Pass        Verdict = "pass"
	Warn        Verdict = "warn" // inside the limit, or beyond one that is not the authority's, but near enough to look again
	Fail        Verdict = "fail"
	NotAssessed Verdict = "not_assessed" // nothing was measured; never to be read as a pass
)

// Where a rule is judged.
const (
	Capture = "capture" // the photo as taken, upright
	Output  = "output"  // the finished file
)

// A Place is where on which picture a finding is to be drawn: one point, a line, or the outline of a region, in pixels
// from the top left corner.
type Place struct {
	On     string       `json:"on"`
	Points [][2]float64 `json:"points"`
}

// A Finding is one rule judged. Rule is part of the API: its meaning never changes. Value and the limits are in Unit; nil
// is a number that was not measured or does not exist.
type Finding struct {
	Rule    string   `json:"rule"`
	Verdict Verdict  `json:"verdict"`
	Value   *float64 `json:"value"`
	Min     *float64 `json:"min"`
	Max     *float64 `json:"max"`
	Unit    string   `json:"unit"`
	Source  string   `json:"source"` // who says so: the row's sources, a standard, or "ours"
	Date    string   `json:"date"`   // of the source
	Place   *Place   `json:"place"`
	Advice  string   `json:"advice"` // one sentence for the person in the photo
}

// Failed lists the rules that failed, in order.
func Failed(findings []Finding) []string {
	var rules []string
	for _, f := range findings {
		if f.Verdict == Fail {
			rules = append(rules, f.Rule)
		}
	}
	return rules
}

// Measurements are what is known of a photo. A nil part was not measured; Why says why.
type Measurements struct {
	File    *File
	WhyFile string // why there is no File: one clause, "no file was made"
	Head    *Head
	WhyHead string
	Lacking *Lacking // when there is no Head because the capture cannot be cut to the document
}

// Lacking says what a capture has too little of.
type Lacking struct {
	MM     float64 // of the photo
	Advice string
	Place  *Place
}

// A File is what a finished file says of itself.
type File struct {
	Format        string // jpg, png, or another format's name
	Width, Height int
	Bytes         int
	Bits          int      // of a sample
	Samples       int      // of a pixel
	Progressive   bool     // a JPEG that is not baseline, an interlaced PNG
	Profile       string   // colour profile: "" for none, "srgb", or "other"
	DPI           float64  // density tag; 0 when there is none, or when its two directions differ
	Private       []string // what it tells of the person or the camera: "EXIF", "GPS position", "thumbnail" …
}

// A Head is where the head lies in the photo, in millimetres of the photo. Hair and Eye come from the head model where they
// were not measured.
type Head struct {
	On            string  // Output, or Capture when the photo was not made and this is what it would be
	Width, Height float64 // of the photo
	Head          float64 // from the chin to the top that the row counts
	Top           float64 // from that top to the top edge
	Chin          float64 // from the chin to the bottom edge
	Hair          float64 // from the hair to the top edge
	HairMeasured  bool
	Eye           float64 // from the eyes to the bottom edge, by the head model
	Axis          float64 // of the face, to the right of the middle
	RollCapture   float64 // degrees clockwise, as taken
	RollOutput    float64 // as made
	Upscale       float64 // output pixels per capture pixel, along a line; 0 when the capture is not known
	Extended      float64 // mm of background that were carried on beyond the capture
	CapturePlace  *Place  // the line from crown to chin
	OutputPlace   *Place
}

func (f *Finding) limits(b document.Band) { f.Min, f.Max = b.Ends() }

// said puts a row's word behind a finding, or ours behind a default.
func (f *Finding) said(r document.Rule) {
	f.Source, f.Date = r.Said.Source(), r.Said.Date()
	f.limits(r.Band)
}

const (
	ours     = "ours"
	oursDate = "2026-11-23" // the day the catalogue was compiled
	iso      = "ISO/IEC 19794-5:2011 7.2.2, as quoted in the LUNA documentation; the rest ours"
)
