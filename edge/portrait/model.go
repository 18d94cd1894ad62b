package portrait

import "github.com/professionalaistudio/studio/edge/portrait/document"

// The head of geometry §4.3, for what two points do not tell: eyes at half of the skull's height, hair rising 6 % of it
// above the skull.
const (
	eyesAt = 0.50
	hairUp = 0.06
)

// A model says where things are on a head, above the chin, in heights of the head as the document counts it.
type model struct {
	skull, hair, eyes float64
	hairMeasured      bool    // hair is where the matte ends, or the given crown is the top of the hair
	eyesMeasured      bool    // eyes is where the face net sees them
	ears              float64 // from the root of one ear to that of the other; 0 when nobody saw them
	hairCut           bool    // the hair goes on beyond the top edge of the capture
	unsure            float64 // one sigma of where the counted top is, when it was estimated
}

// modelOf is what is taken for true of a head of which two points are known.
func modelOf(top document.HeadTop) model {
	if top == document.HairTop {
		skull := 1 / (1 + hairUp)
		return model{skull: skull, hair: 1, eyes: eyesAt * skull, hairMeasured: true}
	}
	// A source that is silent on the top is read both ways, the given crown being the lower of the two: were it the hair
	// after all, there would only be more room above it.
	return model{skull: 1, hair: 1 + hairUp, eyes: eyesAt}
}

// A figure is a head as the solver sees it: where it is, and where everything else is on it.
type figure struct {
	Head
	model
}

// given is a head that somebody said, of which nothing else is known.
func given(h Head, top document.HeadTop) figure { return figure{h, modelOf(top)} }
