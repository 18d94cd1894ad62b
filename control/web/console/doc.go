// Package console is what an organisation sees of itself: its API keys and what was done with them. It stands apart
// from package web because it shows one customer's data to that customer and to nobody else; everything in it asks
// first who is signed in, and looks up only what is theirs.
package console
