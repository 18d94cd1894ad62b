package measure

import "math"

// CameraDistance is how many metres the camera was from the face: by the focal length that it noted, as for 35 mm film (EXIF
// 0xa405; 0 when it did not), the size of the picture as the camera made it, and the pixels from eye to eye along the face.
// Film of 36 × 24 mm has a diagonal of 43.27 mm; the eyes of an adult are 63 mm apart, give or take 4, so it is right within 7 %,
// and too large for a child by a quarter. A capture that was cut since has lost its angle: the caller says so by a focal length
// of 0.
func CameraDistance(focal35 float64, width, height int, eyes float64) Number {
	const film, apart = 43.27, 0.063
	switch {
	case focal35 <= 0 || math.IsNaN(focal35) || focal35 > 2000:
		return unknown("the camera did not note its lens")
	case width < 1 || height < 1 || eyes < 8:
		return unknown(noFace)
	}
	return number(apart * focal35 / film * math.Hypot(float64(width), float64(height)) / eyes)
}
