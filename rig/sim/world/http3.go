package world

import (
	"errors"
	"net"
	"net/http"
	"net/netip"

	"github.com/quic-go/quic-go/http3"
)

// listenHTTP3 opens the same API over QUIC, one socket an address.
func (w *World) listenHTTP3() error {
	server := &http3.Server{Handler: w.api(HTTP3), TLSConfig: http3.ConfigureTLSConfig(w.authority.config())}
	return w.sockets(HTTP3, func(a netip.Addr) error {
		conn, err := net.ListenPacket("udp", netip.AddrPortFrom(a, 443).String())
		if err != nil {
			return err
		}
		w.add("http3", func() error {
			if err := server.Serve(conn); !errors.Is(err, http.ErrServerClosed) {
				return err
			}
			return nil
		}, func() error { return errors.Join(server.Close(), conn.Close()) })
		return nil
	})
}
