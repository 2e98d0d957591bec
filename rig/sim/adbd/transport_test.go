package adbd

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// FuzzPacket reads packets: a value or an error, and what was written comes back.
func FuzzPacket(f *testing.F) {
	f.Add(packet{cnxn, versionNoSum, payloadMax, []byte("host::")}.append(nil, true), true)
	f.Add(packet{wrte, 1, 2, nil}.append(nil, false), false)
	f.Add([]byte("garbage"), true)
	f.Fuzz(func(t *testing.T, b []byte, sum bool) {
		p, err := readPacket(bytes.NewReader(b), payloadMax, sum)
		if err != nil {
			if p.command != 0 || p.payload != nil {
				t.Errorf("%+v and %v", p, err)
			}
			return
		}
		again, err := readPacket(bytes.NewReader(p.append(nil, sum)), payloadMax, sum)
		if err != nil || again.command != p.command || again.arg0 != p.arg0 || again.arg1 != p.arg1 || !bytes.Equal(again.payload, p.payload) {
			t.Errorf("%+v came back as %+v, %v", p, again, err)
		}
	})
}

// FuzzTransport plays any server at all against the daemon, which neither
// crashes nor stays.
func FuzzTransport(f *testing.F) {
	hello := packet{cnxn, versionNoSum, payloadMax, []byte("host::")}.append(nil, true)
	opened := func(services ...string) []byte {
		b := hello
		for i, s := range services {
			b = packet{open, uint32(i + 1), 0, []byte(s)}.append(b, false)
			b = packet{okay, uint32(i + 1), uint32(i + 1), nil}.append(b, false)
		}
		return b
	}
	send := func(text string) []byte { return packet{wrte, 1, 1, []byte(text)}.append(nil, false) }
	f.Add([]byte(""))
	f.Add(opened("shell,v2,raw:echo x", "shell:", "exec:cat", "none:", "reboot:"))
	f.Add(append(opened("sync:"), send("STAT\x02\x00\x00\x00/xSEND\x06\x00\x00\x00/x,420DATA\x01\x00\x00\x00aDONE\x00\x00\x00\x00RECV\x02\x00\x00\x00/xLIST\x01\x00\x00\x00/QUIT\x00\x00\x00\x00")...))
	f.Add(append(opened("sync:"), send("STA2\x02\x00\x00\x00/xRCV2\x02\x00\x00\x00/xRCV2\x00\x00\x00\x00SND2\x02\x00\x00\x00/ySND2\xa4\x01\x00\x00\x00\x00\x00\x00DONE\x00\x00\x00\x00")...))
	f.Add(append(opened("shell,v2,raw:cat"), send("\x00\x01\x00\x00\x00a\x05\x01\x00\x00\x00x\x04\x00\x00\x00\x00")...))
	files := NewTree(nil)
	d, err := New(Config{Shell: NewShell(ShellConfig{Files: files}), Files: files, Features: []string{FeatureShell2, FeatureStat2, FeatureSendRecv2}})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		server, device := net.Pipe()
		done := make(chan struct{})
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // a fuzzer's program may sleep
		defer cancel()
		go func() {
			defer close(done)
			serveTransport(ctx, d, device)
		}()
		go func() { _, _ = io.Copy(io.Discard, server) }()
		_ = server.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
		_, _ = server.Write(b)
		time.Sleep(time.Millisecond)
		server.Close()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			t.Fatalf("the daemon stays after %q", b)
		}
	})
}

// peer is a server that breaks rules on purpose.
type peer struct {
	t    *testing.T
	conn net.Conn
}

func newPeer(t *testing.T) *peer {
	_, _, addr := testDaemon(t)
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	return &peer{t, conn}
}

func (p *peer) send(packets ...packet) {
	p.t.Helper()
	for _, m := range packets {
		if _, err := p.conn.Write(m.append(nil, true)); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *peer) receive() packet {
	p.t.Helper()
	m, err := readPacket(p.conn, payloadMax, false)
	if err != nil {
		p.t.Fatal(err)
	}
	return m
}

// ended reports whether the daemon has closed the connection.
func (p *peer) ended() bool {
	for {
		if _, err := readPacket(p.conn, payloadMax, false); err != nil {
			return true
		}
	}
}

var hello = packet{cnxn, versionNoSum, payloadMax, []byte("host::")}

func TestIntroduction(t *testing.T) {
	p := newPeer(t)
	p.send(packet{wrte, 1, 1, []byte("too early")}, hello)
	m := p.receive()
	if m.command != cnxn || !strings.HasPrefix(string(m.payload), "device::ro.product.name=rm510b;") || !strings.HasSuffix(string(m.payload), ";features=shell_v2,stat_v2,fixed_push_mkdir") {
		t.Errorf("%x %q", m.command, m.payload)
	}
	p.send(packet{open, 7, 0, []byte("nosuch:x\x00")})
	if m := p.receive(); m.command != clse || m.arg0 != 0 || m.arg1 != 7 {
		t.Errorf("an unknown service: %+v", m)
	}
	p.send(packet{open, 8, 0, []byte("exec:echo -n x\x00")})
	if m := p.receive(); m.command != okay || m.arg1 != 8 {
		t.Errorf("%+v", m)
	}
	if m := p.receive(); m.command != wrte || string(m.payload) != "x" {
		t.Errorf("%+v", m)
	}
}

// TestFlowControl sends nothing before the peer took what was sent, and closes
// the connection of one who does not hold to that.
func TestFlowControl(t *testing.T) {
	p := newPeer(t)
	p.send(hello, packet{open, 1, 0, []byte("exec:echo one")})
	p.receive()
	stream := p.receive().arg0
	if m := p.receive(); string(m.payload) != "one" {
		t.Fatalf("%q", m.payload)
	}
	_ = p.conn.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if m, err := readPacket(p.conn, payloadMax, false); err == nil {
		t.Fatalf("before it was taken: %q", m.payload)
	}
	_ = p.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	p.send(packet{okay, 1, stream, nil})
	if m := p.receive(); string(m.payload) != "\n" {
		t.Fatalf("%q", m.payload)
	}
	p.send(packet{open, 2, 0, []byte("exec:sleep 10")})
	for m := p.receive(); m.command != okay || m.arg1 != 2; m = p.receive() {
		stream = m.arg0
	}
	p.send(packet{okay, 1, 99, nil}) // unknown streams are ignored
	for id := uint32(1); id < 4; id++ {
		p.send(packet{wrte, 2, id, []byte("x")}, packet{wrte, 2, id, []byte("y")}, packet{wrte, 2, id, []byte("z")})
	}
	if !p.ended() {
		t.Error("a peer that floods is kept")
	}
}

// TestChecksums closes the connection of an old peer whose sums are wrong.
func TestChecksums(t *testing.T) {
	p := newPeer(t)
	p.send(packet{cnxn, versionSum, payloadMin, []byte("host::")}, packet{open, 1, 0, []byte("exec:echo x")})
	p.receive()
	for _, want := range []uint32{okay, wrte} {
		var h [headerSize]byte
		if _, err := io.ReadFull(p.conn, h[:]); err != nil {
			t.Fatal(err)
		}
		payload := make([]byte, binary.LittleEndian.Uint32(h[12:]))
		if _, err := io.ReadFull(p.conn, payload); err != nil {
			t.Fatal(err)
		}
		if got := binary.LittleEndian.Uint32(h[:]); got != want || binary.LittleEndian.Uint32(h[16:]) != checksum(payload) {
			t.Errorf("%x, sum %x of %q", got, h[16:20], payload)
		}
	}
	bad := packet{open, 2, 0, []byte("exec:echo x")}.append(nil, true)
	bad[16]++
	if _, err := p.conn.Write(bad); err != nil {
		t.Fatal(err)
	}
	if !p.ended() {
		t.Error("a wrong sum is taken")
	}
}

func TestNew(t *testing.T) {
	files := NewTree(nil)
	for _, c := range []Config{
		{},
		{Shell: NewShell(ShellConfig{Files: files})},
		{Shell: NewShell(ShellConfig{Files: files}), Files: files, Features: []string{"delayed_ack"}},
		{Shell: NewShell(ShellConfig{Files: files}), Files: files, Product: strings.Repeat("x", 5000)},
	} {
		if d, err := New(c); err == nil || d != nil {
			t.Errorf("New(%+v) = %v, %v", c, d, err)
		}
	}
}
