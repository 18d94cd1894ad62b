package api

import (
	"fmt"
	"sync/atomic"

	"github.com/professionalaistudio/studio/edge/admission"
)

// A budget bounds the memory that bodies take together while they arrive: each may be as large as the limit, and there
// may be as many as there are connections.
type budget struct {
	limit int64
	used  atomic.Int64
}

// take reserves n bytes; give gives them back.
func (b *budget) take(n int64) error {
	if b.used.Add(n) > b.limit {
		b.used.Add(-n)
		return fmt.Errorf("memory for bodies is used up: %w", admission.ErrBusy)
	}
	return nil
}

func (b *budget) give(n int64) { b.used.Add(-n) }
