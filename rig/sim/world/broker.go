package world

import (
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net/netip"

	mqtt "github.com/mochi-mqtt/server/v2"
	"github.com/mochi-mqtt/server/v2/listeners"
	"github.com/mochi-mqtt/server/v2/packets"
)

// listenBroker opens one MQTT broker for all its endpoints, in the clear and
// over TLS, which takes every login.
func (w *World) listenBroker() error {
	broker := mqtt.New(&mqtt.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err := broker.AddHook(&doorkeeper{log: w.log}, nil); err != nil {
		return err
	}
	found := false
	open := func(s Service, port uint16) error {
		return w.sockets(s, func(a netip.Addr) error {
			at := netip.AddrPortFrom(a, port).String()
			listener, err := listenTCP(at)
			if err != nil {
				return err
			}
			if s == MQTTS {
				listener = tls.NewListener(listener, w.authority.config())
			}
			found = true
			return broker.AddListener(listeners.NewNet(string(s)+" "+at, listener))
		})
	}
	if err := open(MQTT, 1883); err != nil {
		return err
	}
	if err := open(MQTTS, 8883); err != nil {
		return err
	}
	if found {
		ended := make(chan struct{})
		w.add("mqtt", func() error {
			err := broker.Serve()
			if err == nil {
				<-ended
			}
			return err
		}, func() error {
			close(ended)
			return broker.Close()
		})
	}
	return nil
}

// doorkeeper lets everybody in and logs logins and messages, without passwords
// and payloads.
type doorkeeper struct {
	mqtt.HookBase
	log *accessLog
}

// ID names the hook to the broker.
func (*doorkeeper) ID() string { return "doorkeeper" }

// Provides says which events it takes.
func (*doorkeeper) Provides(event byte) bool {
	switch event {
	case mqtt.OnConnectAuthenticate, mqtt.OnACLCheck, mqtt.OnPublished:
		return true
	}
	return false
}

// OnConnectAuthenticate takes every login.
func (d *doorkeeper) OnConnectAuthenticate(c *mqtt.Client, _ packets.Packet) bool {
	d.say(c, "connect "+c.ID)
	return true
}

// OnACLCheck allows every topic.
func (*doorkeeper) OnACLCheck(*mqtt.Client, string, bool) bool { return true }

// OnPublished logs a message.
func (d *doorkeeper) OnPublished(c *mqtt.Client, p packets.Packet) {
	d.say(c, fmt.Sprintf("publish %s %d bytes", p.TopicName, len(p.Payload)))
}

func (d *doorkeeper) say(c *mqtt.Client, what string) {
	if c.Net.Conn != nil {
		d.log.say(MQTT, c.Net.Conn.RemoteAddr(), c.Net.Conn.LocalAddr(), "", what)
	}
}
