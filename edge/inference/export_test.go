package inference

// For the tests, which stand outside because inferencetest imports this package.
var (
	Match = match
	Place = place
)
