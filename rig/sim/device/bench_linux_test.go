package device

import (
	"testing"
	"time"
	"context"
	"fmt"
)

func TestLive(t *testing.T) {
	s := simulate(t, "devtest", Knobs{})
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for i:=0;i<3;i++ { e, err := s.Next(ctx); fmt.Println(e, err) }
}
