package compliance

import "time"

// Measurements are what is known of a photo. A nil part was not measured; Why says why. Numbers are those of package measure,
// group by group; there each is described with its formula, here only with what is needed to judge it.
type Measurements struct {
	File    *File
	WhyFile string // why there is no File: one clause, "no file was made"
	Head    *Head
	WhyHead string
	Lacking *Lacking // when there is no Head because the capture cannot be cut to the document

	Faces    *Faces // who else is in the capture
	Pose     *Pose
	Traits   *Traits
	Features *Features
	Light    *Light
	Tone     *Tone
	Detail   *Detail
	Eyes     *Eyes
	WhyFace  string // why there is no face: "no face was found"

	Hair     *Hair
	Figure   *Figure // of the capture
	Made     *Figure // of the finished photo; nil where none was made
	Ground   *Ground // of the finished photo where one was made, else of what would be the photo
	GroundOn string  // Output or Capture: which of the two; empty means Capture
	WhyMatte string  // why there is no matte

	Grain     *Grain // of the capture
	MadeGrain *Grain // of the finished photo
	History   *History

	Backdrop  *Backdrop // what became of the background; nil where no photo was made
	Replaced  bool      // the background of the finished photo is a new one
	Fringe    Number    // of the finished photo, when Replaced: measure.Fringe
	Unchanged Number    // measure.Changed of the finished photo
}

// A Number is one thing measured, or the reason why it was not: the same type as measure.Number.
type Number = struct {
	Value float64
	Known bool
	Why   string       // when not Known: one clause, "the eyes are closed"
	At    [][2]float64 // outline of where, in pixels; nil: all of it, or nowhere in particular
}

// Faces is what else the detector has found.
type Faces struct {
	Second float64 // area of the second largest face / the largest; 0 when there is one
	At     [][2]float64
}

// Pose of the head in degrees, as the face net gives it.
type Pose struct {
	Yaw   float64 // above 0 the nose points to the right of the picture
	Pitch float64 // above 0 the chin is lowered
}

// A Score is what a net says of a yes or no: 0 to 1, and the threshold from which it is a yes (models/manifest.json).
type Score struct{ Value, Threshold float64 }

// yes, or perhaps: from halfway to the threshold.
func (s Score) yes() bool     { return s.Value >= s.Threshold }
func (s Score) perhaps() bool { return s.Value >= s.Threshold/2 }

// Traits are what the face net says of what is worn and how the face is held; nil where the net has no such answer. EyesOpen
// is of the less open eye.
type Traits struct{ Glasses, Dark, Headwear, Occluded, Smile, EyesOpen, MouthOpen *Score }

// Features are what the places of the face's points tell.
type Features struct {
	EyeDistance Number // px
	EyesOpen    Number // of T, the less open eye
	MouthOpen   Number // of T
	Gaze        Number // of an eye's width; above 0 to the right of the picture
	GazeApart   Number
	Smile       Number // of T
	BrowRaise   Number // of the eye distance
	BrowGap     Number // of the eye distance
	Chin        Number // T / eye distance
	EarToEar    Number // px
	Face        Number // px², with the outline of the face
}

// Light is how the face is lit; luminance is linear, 0 to 1.
type Light struct {
	White       Number // of the whites of the eyes
	Black       Number // darkest hundredth / White
	Over        Number // share at the white end
	Under       Number // share at the black end
	Range       Number // bits
	Evenness    Number // of the cheeks, 0 to 1
	Sides       Number // left / right
	Shadow      Number // share
	Hotspot     Number // share
	EyeDistance Number // px of the view it was measured in
}

// Tone is the colour of the light on the face.
type Tone struct {
	WhiteA  Number
	WhiteB  Number
	Natural Number
	Chroma  Number
}

// Detail is how much of the face the picture still shows.
type Detail struct {
	Edge    Number // % of the eye distance
	Motion  Number // 0 to 1
	Along   Number // degrees
	Noise   Number // of 255
	Texture Number // %
}

// Eyes are what is seen in and before the eyes, and between the lips; shares.
type Eyes struct {
	Red   Number
	Glare Number
	Tint  Number // below the eye / cheek
	Teeth Number
}

// Hair is what covers the face; shares.
type Hair struct {
	Eyes     Number
	Brows    Number
	Face     Number
	Ears     Number // share of skin where an ear is
	Clipped  Number
	Contrast Number
}

// Ground is the background.
type Ground struct {
	L, A, B   Number
	Rough     Number // L
	RoughTone Number // a, b
	Gradient  Number // L
	Shadow    Number // L
	Edges     Number // share
	Islands   Number // of the person
	Contrast  Number // CIEDE2000
	Clothes   Number // CIEDE2000
	Off       Number // CIEDE2000 to the nearest of the colours the document allows
	Nearest   Number // L of that colour
}

// Figure is the shape of the person in the matte.
type Figure struct {
	Slope    Number // degrees
	Width    Number // of the width from ear to ear
	Sides    Number // side edges reached, 0 to 2
	CutTop   Number // of the width from ear to ear
	CutSides Number // of the width from ear to ear
	Room     Number // px
	Holes    Number // of the person
	Islands  Number // of the person
}

// Grain is what the pixels tell of where they come from.
type Grain struct {
	Blocks   Number
	Shifted  Number // 0 or 1
	Levels   Number // of 256
	Span     Number // of 256
	Repeated Number // share
}

// History is what the capture's own notes say. A zero part was not said.
type History struct {
	Taken    time.Time // when, in whatever zone the camera had
	Today    time.Time // the day of the check
	Software string    // what wrote the file last
	Edited   bool      // content credentials or an editor's own notes are in it
	Camera   Number    // metres from the camera to the face: measure.CameraDistance
}

// Backdrop is what became of the background in a finished photo.
type Backdrop struct {
	Colour string // of the new one, "#ffffff"; empty: it was kept
	Asked  bool   // somebody asked for that colour
	Beyond bool   // it was needed because the capture ends too near the head
	Crop   bool   // somebody asked that nothing be done but cutting
	Fails  bool   // it was kept though it fails a check
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
	Unsure        float64 // one sigma of Head and of Top, where the top lies under hair and was estimated
	Top           float64 // from that top to the top edge
	Chin          float64 // from the chin to the bottom edge
	Hair          float64 // from the hair to the top edge
	HairMeasured  bool
	Eye           float64 // from the eyes to the bottom edge
	EyeMeasured   bool    // by the points of the eyes; else by the head model
	EarToEar      float64 // between the roots of the ears; 0 when it was not measured
	Side          float64 // from the head, above the chin, to the nearer side edge
	SideMeasured  bool
	Axis          float64 // of the face, to the right of the middle
	RollCapture   float64 // degrees clockwise, as taken
	RollOutput    float64 // as made
	Upscale       float64 // output pixels per capture pixel, along a line; 0 when the capture is not known
	Extended      float64 // mm of background that were carried on beyond the capture
	CapturePlace  *Place  // the line from crown to chin
	OutputPlace   *Place
	EyePlace      *Place // the line through the eyes, when EyeMeasured
}
