package measure

import (
	"math/bits"
	"sync"
)

// A shelf keeps slices that were given back, zeroed, for the next who needs one: a check takes some 9 MB of them, a few hundred kilobytes at a
// time, each to be written once and wiped.
type shelf[T any] struct{ by [32]sync.Pool }

// take is a slice of n zeros, with room for as many as the next power of two.
func (s *shelf[T]) take(n int) []T {
	class := bits.Len(uint(max(n, 1) - 1))
	if kept, _ := s.by[class].Get().(*[]T); kept != nil {
		return (*kept)[:n]
	}
	return make([]T, n, 1<<class)
}

// give wipes what was taken, up to its length, and keeps it: what was written beyond must be in the length again. Nobody may use it any more.
func (s *shelf[T]) give(taken ...[]T) {
	for _, v := range taken {
		if cap(v) == 0 {
			continue
		}
		clear(v)
		v = v[:0]
		s.by[bits.Len(uint(cap(v)-1))].Put(&v)
	}
}

var (
	uint8s  shelf[uint8]
	uint16s shelf[uint16]
	int32s  shelf[int32]
	ints    shelf[int]
	bools   shelf[bool]
	floats  shelf[float32]
	wides   shelf[float64]
	labs    shelf[lab]
	marks   shelf[mark]
)
