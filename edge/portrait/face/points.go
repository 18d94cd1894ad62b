package face

import "slices"

// Names are the points that Look finds, in their order: those of models/training/points.py, which says where on the face each is.
// "left" is the side of the picture. The forehead's are at the hairline, not the crown; jaw.1 is at the root of the ear.
var Names = func() []string {
	var names []string
	for _, n := range []struct {
		name string
		pair bool
	}{
		{"iris", true}, {"iris.outer", true}, {"iris.top", true}, {"iris.inner", true}, {"iris.bottom", true},
		{"eye.outer", true}, {"lid.upper.1", true}, {"lid.upper.2", true}, {"lid.upper.3", true},
		{"lid.upper.4", true}, {"lid.upper.5", true}, {"lid.upper.6", true}, {"lid.upper.7", true},
		{"eye.inner", true}, {"lid.lower.1", true}, {"lid.lower.2", true}, {"lid.lower.3", true},
		{"lid.lower.4", true}, {"lid.lower.5", true}, {"lid.lower.6", true}, {"lid.lower.7", true},
		{"brow.1", true}, {"brow.2", true}, {"brow.3", true}, {"brow.4", true}, {"brow.5", true},
		{"nose.bridge", false}, {"nose.tip", false}, {"nose.base", false}, {"nose.wing", true},
		{"mouth.corner", true}, {"lip.outer.upper.1", true}, {"lip.outer.upper.2", true}, {"lip.outer.upper", false},
		{"lip.outer.lower.1", true}, {"lip.outer.lower.2", true}, {"lip.outer.lower", false},
		{"mouth.inner.corner", true}, {"lip.inner.upper.1", true}, {"lip.inner.upper", false},
		{"lip.inner.lower.1", true}, {"lip.inner.lower", false},
		{"jaw.1", true}, {"jaw.2", true}, {"jaw.3", true}, {"jaw.4", true}, {"jaw.5", true}, {"jaw.6", true},
		{"jaw.7", true}, {"jaw.8", true}, {"jaw.9", true}, {"jaw.10", true}, {"chin", false},
		{"temple", true}, {"forehead.1", true}, {"forehead.2", true}, {"forehead", false},
	} {
		if n.pair {
			names = append(names, "left."+n.name, "right."+n.name)
		} else {
			names = append(names, n.name)
		}
	}
	return names
}()

// Index is where a point of this name stands in Look.Points, or -1.
func Index(name string) int { return slices.Index(Names, name) }
