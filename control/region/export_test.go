package region

import "context"

// Take is what Run does with an edge whose pack may be new.
func (s *Service) Take(ctx context.Context, h Heartbeat) error { return s.take(ctx, h) }

// Wanted is how many edges wait for Run to take their pack.
func (s *Service) Wanted() int { return len(s.wanted) }

// ForgetKeys is what Run does every ten minutes.
func (s *Service) ForgetKeys(ctx context.Context) error { return s.forgetKeys(ctx) }

// ReadDocuments reads the rows of a pack.
func ReadDocuments(body []byte) ([]Document, error) {
	_, list, err := readPack(body)
	return list, err
}
