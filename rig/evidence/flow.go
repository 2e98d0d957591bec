package evidence

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"net/netip"
	"time"
)

// Flow is one line of flows.jsonl: a flow with its facts (contract section 3),
// and what the judgement took it for.
type Flow struct {
	ID          uint64    `json:"id"`   // number of its first frame
	File        string    `json:"file"` // capture file, where the recording has several
	Proto       string    `json:"proto"`
	Orig        End       `json:"orig"`
	Resp        End       `json:"resp"`
	Start       time.Time `json:"start"`
	End         time.Time `json:"end"`
	OrigPackets uint64    `json:"orig_packets"`
	RespPackets uint64    `json:"resp_packets"`
	OrigBytes   uint64    `json:"orig_bytes"`
	RespBytes   uint64    `json:"resp_bytes"`
	Duplicates  uint64    `json:"duplicates"`
	State       string    `json:"state"`
	CommunityID string    `json:"community_id"`
	VLAN        []uint16  `json:"vlan"`
	Protocol    string    `json:"protocol"`
	TLS         *TLS      `json:"tls"`
	QUIC        *QUIC     `json:"quic"`
	DNS         *DNS      `json:"dns"`
	HTTP        *HTTP     `json:"http"`
	Target      string    `json:"target"` // of CONNECT or SOCKS
	Names       []Name    `json:"names"`
	MoreNames   uint64    `json:"more"`

	// What the judgement took it for. Party, country, operator and services
	// are those of the device's peer; where Device is empty, of the responder.
	Party    string   `json:"party"`
	Country  string   `json:"country"`
	ASN      uint32   `json:"asn"`
	Operator string   `json:"operator"`
	Device   string   `json:"device"` // the end that is the device, "orig" or "resp"; empty: not of the device
	Services []string `json:"services"`
	RTT      int64    `json:"rtt_ns"` // of the handshake, SYN to SYN-ACK or first Initial to its answer; 0 unknown
}

// End is one end of a flow.
type End struct {
	Addr netip.Addr `json:"addr"`
	Port uint16     `json:"port"`
}

// Name is a name under which the responder was reached, and where it was read.
type Name struct {
	Name   string `json:"name"`
	Source string `json:"source"` // sni, quic, host, target, cert, dns
}

// TLS is what a handshake showed.
type TLS struct {
	SNI          string        `json:"sni"`
	Version      string        `json:"version"`
	Offered      []string      `json:"offered"`
	Cipher       string        `json:"cipher"`
	ALPN         []string      `json:"alpn"`
	JA3          string        `json:"ja3"`
	JA4          string        `json:"ja4"`
	ECHOffered   bool          `json:"ech_offered"`
	Alerts       []Alert       `json:"alerts"`
	Certificates []Certificate `json:"certificates"`
}

// Alert is a TLS alert.
type Alert struct {
	From      string `json:"from"` // "orig" or "resp"
	Encrypted bool   `json:"encrypted"`
	Level     string `json:"level"`
	Code      uint8  `json:"code"`
	Frame     uint64 `json:"frame"`
}

// Certificate is one that the responder showed.
type Certificate struct {
	Subject  string   `json:"subject"`
	Issuer   string   `json:"issuer"`
	Names    []string `json:"names"`
	NotAfter string   `json:"not_after"`
	SHA256   string   `json:"sha256"`
	More     uint64   `json:"more"`
}

// QUIC is what an Initial showed.
type QUIC struct {
	Version    string   `json:"version"`
	SNI        string   `json:"sni"`
	ALPN       []string `json:"alpn"`
	JA4        string   `json:"ja4"`
	Cipher     string   `json:"cipher"`
	ECHOffered bool     `json:"ech_offered"`
}

// DNS is what a flow asked and was told.
type DNS struct {
	Queries []string `json:"queries"`
	Answers []Answer `json:"answers"`
	More    uint64   `json:"more"`
}

// Answer is a DNS record.
type Answer struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Data string `json:"data"`
}

// HTTP is what cleartext HTTP showed.
type HTTP struct {
	Hosts    []string  `json:"hosts"`
	Requests []Request `json:"requests"`
	More     uint64    `json:"more"`
}

// Request is an HTTP request.
type Request struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	UserAgent string `json:"user_agent"`
	Frame     uint64 `json:"frame"`
}

// maxLine bounds a line of flows.jsonl, bytes: lists are short, names are not.
const maxLine = 4 << 20

// Flows reads flows.jsonl, one flow after the other, in order of last frame.
// An error ends it.
func (b *Bundle) Flows() iter.Seq2[*Flow, error] {
	return func(yield func(*Flow, error) bool) {
		in, err := b.store.open(FlowsName)
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close()
		for f, err := range parseFlows(in) {
			if !yield(f, err) || err != nil {
				return
			}
		}
	}
}

func parseFlows(in io.Reader) iter.Seq2[*Flow, error] {
	return func(yield func(*Flow, error) bool) {
		lines := bufio.NewReaderSize(in, 1<<16)
		var long []byte
		for n := 1; ; n++ {
			line, err := readLine(lines, &long)
			if errors.Is(err, io.EOF) {
				return
			}
			f := new(Flow)
			if err == nil {
				err = json.Unmarshal(line, f)
			}
			if err != nil {
				yield(nil, differs(FlowsName, "line %d: %v", n, err))
				return
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

// readLine returns the next line, which is valid until the next call; io.EOF
// where there is none.
func readLine(in *bufio.Reader, long *[]byte) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if err == nil {
		return line, nil
	}
	*long = (*long)[:0]
	for errors.Is(err, bufio.ErrBufferFull) && len(*long) < maxLine {
		*long = append(*long, line...)
		line, err = in.ReadSlice('\n')
	}
	*long = append(*long, line...)
	switch {
	case err == nil:
		return *long, nil
	case errors.Is(err, io.EOF) && len(bytes.TrimSpace(*long)) == 0:
		return nil, io.EOF
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	}
	return nil, err
}
