package talk

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// MQTT is a session with a broker (MQTT 3.1.1).
type MQTT struct {
	conn net.Conn
	in   *bufio.Reader
	next uint16 // packet identifier
}

// Types of control packets, with the flags that they have to have.
const (
	mqttConnect    = 0x10
	mqttConnack    = 0x20
	mqttPublish    = 0x32 // at least once
	mqttPuback     = 0x40
	mqttPingreq    = 0xc0
	mqttPingresp   = 0xd0
	mqttDisconnect = 0xe0
)

const mqttKeepAlive = 60 // s

// DialMQTT opens a session, over TLS unless it is to be clear. It logs in with
// no name: the certificate of the client would do that on a device.
func (u *User) DialMQTT(ctx context.Context, p Peer, client string, clear bool) (*MQTT, error) {
	c, err := u.Dial(ctx, "tcp", p)
	if err != nil {
		return nil, err
	}
	raw := c
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })() // until the session stands
	if !clear {
		c = tls.Client(c, u.config(p.Name, 0, "mqtt"))
	}
	m := &MQTT{conn: c, in: bufio.NewReader(c)}
	hello := []byte{0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, mqttKeepAlive}
	hello = append(binary.BigEndian.AppendUint16(hello, uint16(len(client))), client...)
	if err := m.exchange(mqttConnect, hello, mqttConnack); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return m, nil
}

// Publish sends a message and waits for its acknowledgement.
func (m *MQTT) Publish(topic, message string) error {
	m.next++
	b := append(binary.BigEndian.AppendUint16(nil, uint16(len(topic))), topic...)
	b = append(binary.BigEndian.AppendUint16(b, m.next), message...)
	return m.exchange(mqttPublish, b, mqttPuback)
}

// Ping asks whether the broker is still there.
func (m *MQTT) Ping() error { return m.exchange(mqttPingreq, nil, mqttPingresp) }

// Close leaves as a client should: it says so, ends TLS, and closes.
func (m *MQTT) Close() error {
	err := m.send(mqttDisconnect, nil)
	return errors.Join(err, m.conn.Close())
}

func (m *MQTT) send(kind byte, body []byte) error {
	_ = m.conn.SetDeadline(time.Now().Add(talkTimeout)) // a dead connection says so in Write
	b := append([]byte{kind}, mqttLength(len(body))...)
	_, err := m.conn.Write(append(b, body...))
	return err
}

// exchange sends a packet and waits for one of the kind that answers it.
func (m *MQTT) exchange(kind byte, body []byte, want byte) error {
	if err := m.send(kind, body); err != nil {
		return err
	}
	for {
		got, b, err := m.packet()
		if err != nil {
			return err
		}
		if got&0xf0 != want {
			continue // a message of the broker
		}
		if want == mqttConnack && (len(b) != 2 || b[1] != 0) {
			return fmt.Errorf("the broker refuses the session: % x", b)
		}
		return nil
	}
}

const mqttLongest = 1 << 16 // bytes of a packet that is read

func (m *MQTT) packet() (kind byte, body []byte, err error) {
	if kind, err = m.in.ReadByte(); err != nil {
		return 0, nil, err
	}
	n, err := binary.ReadUvarint(m.in) // the same coding as MQTT's, for lengths below 2^28
	if err != nil {
		return 0, nil, err
	}
	if n > mqttLongest {
		return 0, nil, fmt.Errorf("a packet of %d bytes from the broker", n)
	}
	body = make([]byte, n)
	_, err = io.ReadFull(m.in, body)
	return kind, body, err
}

func mqttLength(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }
