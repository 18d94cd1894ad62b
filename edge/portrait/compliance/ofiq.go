package compliance

import "math"

// OFIQ is the quality of a raw measure of OFIQ 1.0.3, the reference implementation of ISO/IEC 29794-5: 0 to 100, by the
// mapping of its component (compliance facts A2), or false for a component it does not have. All 784 pairs of its
// expected_results.csv come out exactly.
//
// OFIQ gives no pass marks, and some of these cannot be one: head size and the margins exclude each other, and the pose is
// flat (20 degrees still score 88). So a score is told beside a verdict and never is one.
func OFIQ(component string, raw float64) (int, bool) {
	quality, ok := components[component]
	if !ok {
		return 0, false
	}
	return int(min(max(math.Round(quality(raw)), 0), 100)), true
}

func sigmoid(x, x0, w float64) float64 { return 1 / (1 + math.Exp((x0-x)/w)) }

// sig is h · (a + s · sigmoid).
func sig(h, a, s, x0, w float64) func(float64) float64 {
	return func(x float64) float64 { return h * (a + s*sigmoid(x, x0, w)) }
}

// covered is the quality of a share that should be nothing.
func covered(share float64) float64 { return 100 * (1 - share) }

// pose is flat: the square of the cosine.
func pose(degrees float64) float64 {
	c := max(math.Cos(degrees*math.Pi/180), 0)
	return 100 * c * c
}

var components = map[string]func(raw float64) float64{
	"UnifiedQualityScore":     sig(100, 0, 1, 23, 2.6),
	"BackgroundUniformity":    sig(190, 1, -1, 10, 100),
	"IlluminationUniformity":  func(x float64) float64 { return 100 * math.Pow(x, 0.3) },
	"LuminanceMean":           func(x float64) float64 { return 100 * sigmoid(x, 0.2, 0.05) * (1 - sigmoid(x, 0.8, 0.05)) },
	"LuminanceVariance":       func(x float64) float64 { return 100 * math.Sin(math.Pi*60*x/(60*x+1)) },
	"UnderExposurePrevention": sig(120, 0.832, -1, 0.92, 0.05),
	"OverExposurePrevention":  func(x float64) float64 { return 1 / (x + 0.01) },
	"DynamicRange":            func(x float64) float64 { return 12.5 * x },
	"Sharpness":               sig(1, -14, 115, -20, 15),
	"CompressionArtifacts":    sig(1, -0.0278, 103, 0.3308, 0.092),
	"NaturalColour":           sig(200, 1, -1, 0, 10),
	"SingleFacePresent":       covered,
	"EyesOpen":                sig(100, 0, 1, 0.02, 0.01),
	"MouthClosed":             sig(100, 1, -1, 0.2, 0.06),
	"EyesVisible":             covered,
	// What covers the mouth or the face.
	"MouthOcclusionPrevention":    covered,
	"FaceOcclusionPrevention":     covered,
	"InterEyeDistance":            sig(100, 0, 1, 70, 20),
	"HeadSize":                    func(x float64) float64 { return sig(200, 1, -1, 0, 0.05)(math.Abs(x - 0.45)) },
	"LeftwardCropOfTheFaceImage":  sig(100, 0, 1, 0.9, 0.1),
	"RightwardCropOfTheFaceImage": sig(100, 0, 1, 0.9, 0.1),
	"MarginAboveOfTheFaceImage":   sig(100, 0, 1, 1.4, 0.1),
	"MarginBelowOfTheFaceImage":   sig(100, 0, 1, 1.8, 0.1),
	"HeadPoseYaw":                 pose,
	"HeadPosePitch":               pose,
	"HeadPoseRoll":                pose,
	"ExpressionNeutrality":        sig(100, 0, 1, -5000, 5000),
	"NoHeadCoverings":             bare,
}

// bare is the quality of a share of cloth and hat in the map of the face: 100 of none, 0 from .95.
func bare(share float64) float64 {
	const none, all, x0, w = 0.0, 0.95, 0.02, 0.1
	switch {
	case share <= none:
		return 100
	case share >= all:
		return 0
	}
	top := sigmoid(all, x0, w)
	return 100 * (top - sigmoid(share, x0, w)) / (top - sigmoid(none, x0, w))
}
