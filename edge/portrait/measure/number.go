package measure

// A Number is one thing measured, or the reason why it was not. Known is false in the zero value, so that what nobody
// measured is never taken for a nought.
//
// It is an alias, and compliance has the same one: so each group of numbers here is, to the compiler, the same struct as the
// group of that name there, and a field that is changed on one side alone does not build.
type Number = struct {
	Value float64
	Known bool
	Why   string       // when not Known: one clause, "the eyes are closed"
	At    [][2]float64 // outline of where, in pixels of the capture (see Picture.Scale); nil: all of it, or nowhere in particular
}

func number(v float64, at ...[2]float64) Number { return Number{Value: v, Known: true, At: at} }

func unknown(why string) Number { return Number{Why: why} }

// Reasons that several measures share.
const (
	noFace   = "no face was found"
	noMatte  = "the person was not told apart from the background"
	fewEyes  = "the face has too few pixels"
	noSkin   = "too little skin can be seen"
	noWall   = "hardly any background can be seen"
	noHair   = "hair and skin have nearly the same colour here"
	noWhites = "the whites of the eyes cannot be seen"
)
