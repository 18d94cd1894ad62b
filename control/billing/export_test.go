package billing

import "context"

// Settle is what Run does each time.
func (s *Service) Settle(ctx context.Context) error { return s.settle(ctx) }
