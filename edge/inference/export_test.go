package inference

// Match is for the tests, which stand outside because inferencetest imports this package.
var Match = match
