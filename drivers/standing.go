package drivers

import "sync"

// Standing is whether a controller is sound; its zero value is. A failure stays
// until it is lifted.
type Standing struct {
	mu    sync.Mutex
	cause error
}

// Refusal is a *BrokenError where the controller failed before.
func (s *Standing) Refusal() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause == nil {
		return nil
	}
	return &BrokenError{Cause: s.cause}
}

// Fail breaks the controller, or lifts what broke it where err is nil, and
// returns err.
func (s *Standing) Fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cause = err
	return err
}
