// Command clients is the world and some of the clients of record.sh: real TLS
// and QUIC stacks on documentation addresses, names below .example. It is run
// inside network namespaces and reaches nothing outside them.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"time"

	"github.com/quic-go/quic-go/http3"
)

func main() {
	serve := flag.Bool("serve", false, "be the world: DNS, HTTP, HTTPS and HTTP/3 servers until a signal comes")
	addr := flag.String("addr", "203.0.113.10", "address of the world")
	ca := flag.String("ca", "ca.pem", "certificate of the world's CA: written by -serve, read by the others")
	get := flag.String("get", "", "be a Go client: GET this URL")
	quic := flag.Bool("quic", false, "use HTTP/3")
	most := flag.String("tls", "1.3", "highest TLS version that the client offers: 1.2 or 1.3")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	switch {
	case *serve:
		err = serveWorld(ctx, *addr, *ca)
	case *get != "":
		err = fetch(ctx, *get, *ca, *most, *quic)
	default:
		err = fmt.Errorf("say -serve or -get URL")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "clients:", err)
		os.Exit(1)
	}
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
