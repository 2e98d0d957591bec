//go:build !linux

package wiring

import (
	"context"
	"errors"
)

func up(Config) error                     { return errors.ErrUnsupported }
func exists(string) error                 { return errors.ErrUnsupported }
func down(string) error                   { return errors.ErrUnsupported }
func list() ([]string, error)             { return nil, errors.ErrUnsupported }
func processes(string) ([]int, error)     { return nil, errors.ErrUnsupported }
func do(string, func() error) error       { return errors.ErrUnsupported }
func mirror(string, Mirror) error         { return errors.ErrUnsupported }
func setPort(*Wiring, string, bool) error { return errors.ErrUnsupported }
func secondUplink(string, bool) error     { return errors.ErrUnsupported }
func join(context.Context) (Lease, error) { return Lease{}, errors.ErrUnsupported }
func leave() error                        { return errors.ErrUnsupported }
