package world

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"sync"
)

// Config says what the world is like. The zero value is the whole table, with
// DNS at the router's addresses and neither leases nor advertisements.
type Config struct {
	Endpoints    []Endpoint   // nil: Endpoints()
	Resolvers    []netip.Addr // where DNS listens; nil: the router's addresses of package wiring
	Interface    string       // of the LAN, for DHCP and router advertisements; empty: neither
	AuthorityTo  string       // file for the authority's certificate (PEM); empty: none
	Log          io.Writer    // gets one Entry a line, as JSON; nil: nobody
	HTTPSRecords bool         // DNS has HTTPS records (RFC 9460); else it says that there are none, as a lab's resolver should
}

// World is servers that listen.
type World struct {
	Config
	authority *authority
	log       *accessLog
	servers   []server
}

// server is one of them: serve returns when close has been called, or earlier
// with an error. Both are called at most once.
type server struct {
	name  string
	serve func() error
	close func() error
}

// Listen opens every socket, in the network namespace of the calling thread,
// and returns when all of them listen.
func Listen(c Config) (*World, error) {
	w := &World{Config: c, log: &accessLog{to: c.Log}}
	if w.Endpoints == nil {
		w.Endpoints = Endpoints()
	}
	var err error
	if w.authority, err = newAuthority(); err != nil {
		return nil, fmt.Errorf("make a certificate authority: %w", err)
	}
	if c.AuthorityTo != "" {
		if err := os.WriteFile(c.AuthorityTo, w.Authority(), 0o600); err != nil {
			return nil, fmt.Errorf("write the authority's certificate: %w", err)
		}
	}
	for _, open := range []func() error{w.listenDNS, w.listenWeb, w.listenHTTP3, w.listenStreams, w.listenBroker, w.listenDatagrams, w.listenLeases, w.listenAdverts} {
		if err := open(); err != nil {
			w.close()
			return nil, fmt.Errorf("be the world: %w", err)
		}
	}
	return w, nil
}

// Authority returns the certificate that vouches for every server, in PEM.
func (w *World) Authority() []byte { return w.authority.pem }

// Serve answers until ctx ends, then closes every socket and connection and
// returns nil; an error is that of the first server that failed. It is called once.
func (w *World) Serve(ctx context.Context) error {
	failed := make(chan error, len(w.servers))
	var running sync.WaitGroup
	for _, s := range w.servers {
		running.Go(func() {
			if err := s.serve(); err != nil {
				failed <- fmt.Errorf("%s: %w", s.name, err)
			}
		})
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	w.close()
	running.Wait()
	return err
}

func (w *World) close() {
	for _, s := range w.servers {
		_ = s.close() // what they say of a socket that is closed already is of no use
	}
}

// add notes a server that listens.
func (w *World) add(name string, serve, close func() error) {
	w.servers = append(w.servers, server{name, serve, close})
}

// Serve is the world until ctx ends: Listen, ready, then answer.
func Serve(ctx context.Context, c Config, ready func()) error {
	w, err := Listen(c)
	if err != nil {
		return err
	}
	if ready != nil {
		ready()
	}
	return w.Serve(ctx)
}

// sockets calls open for each address at which a service listens, once.
func (w *World) sockets(s Service, open func(netip.Addr) error) error {
	seen := map[netip.Addr]bool{}
	var errs []error
	for i := range w.Endpoints {
		e := &w.Endpoints[i]
		if !e.Has(s) {
			continue
		}
		for _, a := range []netip.Addr{e.Addr4, e.Addr6} {
			if a.IsValid() && !seen[a] {
				seen[a] = true
				errs = append(errs, open(a))
			}
		}
	}
	return errors.Join(errs...)
}
