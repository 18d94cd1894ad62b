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
	hairMeasured      bool // the given crown is the top of the hair
}

func modelOf(top document.HeadTop) model {
	if top == document.HairTop {
		skull := 1 / (1 + hairUp)
		return model{skull: skull, hair: 1, eyes: eyesAt * skull, hairMeasured: true}
	}
	// A source that is silent on the top is read both ways, the given crown being the lower of the two: were it the hair
	// after all, there would only be more room above it.
	return model{skull: 1, hair: 1 + hairUp, eyes: eyesAt}
}
