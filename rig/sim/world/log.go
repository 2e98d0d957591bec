package world

import (
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Entry is one line of the log: what a server saw, without what may be secret
// (queries of URLs, bodies, passwords).
type Entry struct {
	Time    time.Time      `json:"time"`
	Service Service        `json:"service"` // also "dns", "dhcp", "advert"
	From    netip.AddrPort `json:"from"`
	To      netip.AddrPort `json:"to"`
	Name    string         `json:"name,omitempty"` // of the server, as the client called it; or the name asked for
	What    string         `json:"what"`
}

// accessLog writes entries, from every goroutine; one that cannot be written is lost.
type accessLog struct {
	mu sync.Mutex
	to io.Writer
}

func (l *accessLog) say(s Service, from, to net.Addr, name, what string) {
	if l.to == nil {
		return
	}
	line, err := json.Marshal(Entry{time.Now().UTC(), s, addrPort(from), addrPort(to), name, what})
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.to.Write(append(line, '\n'))
}

// addrPort is the zero value where there is none.
func addrPort(a net.Addr) netip.AddrPort {
	if a == nil {
		return netip.AddrPort{}
	}
	p, _ := netip.ParseAddrPort(a.String())
	return netip.AddrPortFrom(p.Addr().Unmap().WithZone(""), p.Port())
}
