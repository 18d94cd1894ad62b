package api

// Word is the type of problem that err is, one of wire.Problems. It is for who answers no request: what a command writes into its
// results has the words of this interface. The error of a fault of ours is "internal".
func Word(err error) string { return new(API).problem(err, false).Type }
