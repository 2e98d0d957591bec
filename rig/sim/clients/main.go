// Command clients is the bench, the world and some of the clients of record.sh:
// real TLS and QUIC stacks on documentation addresses, names below .example. It
// reaches nothing outside network namespaces of its own.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/quic-go/quic-go/http3"

	"github.com/spanrig/spanrig/rig/party"
	"github.com/spanrig/spanrig/rig/sim/wiring"
	"github.com/spanrig/spanrig/rig/sim/world"
)

func main() {
	up := flag.String("up", "", "build the network of a bench of this name")
	down := flag.String("down", "", "remove the network of the bench of this name")
	serve := flag.Bool("serve", false, "be the world, inside its namespace, until a signal comes")
	join := flag.Bool("join", false, "join the LAN, inside the device's namespace")
	ca := flag.String("ca", "ca.pem", "certificate of the world's CA: written by -serve, read by the others")
	get := flag.String("get", "", "be a Go client: GET this URL")
	quic := flag.Bool("quic", false, "use HTTP/3")
	most := flag.String("tls", "1.3", "highest TLS version that the client offers: 1.2 or 1.3")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var err error
	switch {
	case *up != "":
		_, err = wiring.Up(wiring.Config{Name: *up})
	case *down != "":
		err = wiring.Down(*down)
	case *serve:
		err = world.Serve(ctx, world.Config{Endpoints: servers(), Interface: wiring.LAN, AuthorityTo: *ca}, func() { fmt.Println("ready") })
	case *join:
		_, err = wiring.Join(ctx)
	case *get != "":
		err = fetch(ctx, *get, *ca, *most, *quic)
	default:
		err = fmt.Errorf("say -up NAME, -down NAME, -serve, -join or -get URL")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1)
	}
}

// servers is a world of one host, which has every name below .example.
func servers() []world.Endpoint {
	return []world.Endpoint{{
		Name: "example", Wild: true, Party: party.Unknown,
		Addr4: netip.MustParseAddr("203.0.113.10"), Services: []world.Service{world.HTTP, world.HTTPS, world.HTTP3},
	}}
}

// fetch gets url with Go's own TLS stack, or quic-go's HTTP/3.
func fetch(ctx context.Context, url, caFile, most string, quic bool) error {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
	config.RootCAs.AppendCertsFromPEM(pem)
	if most == "1.2" {
		config.MaxVersion = tls.VersionTLS12
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}}
	if quic {
		transport := &http3.Transport{TLSClientConfig: config}
		defer transport.Close()
		client.Transport = transport
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	client.CloseIdleConnections()
	return err
}
