package adb

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spanrig/spanrig/drivers"
)

// connecting is how long a server tries: 10 s to reach the address and 10 s
// for the device to introduce itself.
const connecting = 25 * time.Second

// Connect lets the server connect to a device on the network, "host:port". It
// is no error where it is connected already.
func (s *Server) Connect(ctx context.Context, addr string) error {
	answer, err := s.query(ctx, "host:connect:"+addr, max(connecting, s.silence()))
	if err != nil {
		return err
	}
	switch {
	case strings.HasPrefix(answer, "connected to"), strings.HasPrefix(answer, "already connected to"):
		return nil
	case strings.Contains(answer, "failed to authenticate"):
		return &StateError{addr, Unauthorized}
	}
	return fmt.Errorf("adb connect: %w: %s", drivers.ErrLost, oneLine(answer))
}

// Disconnect lets the server forget a device on the network. It is no error
// where it knew none.
func (s *Server) Disconnect(ctx context.Context, addr string) error {
	_, err := s.query(ctx, "host:disconnect:"+addr, s.silence())
	var refused *RefusedError
	if errors.As(err, &refused) && strings.Contains(refused.Reason, "no such device") {
		return nil
	}
	return err
}
