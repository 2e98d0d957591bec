package rig

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

func (j *Journal) addControl(e Entry) error {
	var f struct {
		Window string `json:"window"`
		Try    int    `json:"try"`
		Flow   struct {
			Proto   scalar     `json:"proto"`
			Orig    controlEnd `json:"orig"`
			Resp    controlEnd `json:"resp"`
			ICMPID  *uint16    `json:"icmp_id"`
			ICMPSeq *uint16    `json:"icmp_seq"`
		} `json:"flow"`
		Name     string `json:"name"`
		Answered bool   `json:"answered"`
		By       string `json:"by"`
	}
	if err := json.Unmarshal(e.Line, &f); err != nil {
		return plainJSON(err)
	}
	c := ControlTry{Time: e.Time, Window: f.Window, Try: f.Try, Answered: f.Answered, By: f.By, Name: hostName(f.Name)}
	c.Flow.ICMPID, c.Flow.ICMPSeq = f.Flow.ICMPID, f.Flow.ICMPSeq
	var err error
	if c.Flow.Proto, err = parseProto(string(f.Flow.Proto)); err != nil {
		return err
	}
	if c.Flow.Orig, err = f.Flow.Orig.parse(); err != nil {
		return fmt.Errorf("flow.orig: %w", err)
	}
	if c.Flow.Resp, err = f.Flow.Resp.parse(); err != nil {
		return fmt.Errorf("flow.resp: %w", err)
	}
	j.Controls = append(j.Controls, c)
	return nil
}

// hostName is a name as those of flows are written.
func hostName(s string) string { return strings.ToLower(strings.TrimSuffix(s, ".")) }

func (j *Journal) addAttempt(e Entry) error {
	var f struct {
		Name   string     `json:"name"`
		Port   uint16     `json:"port"`
		Target controlEnd `json:"target"`
	}
	if err := json.Unmarshal(e.Line, &f); err != nil {
		return plainJSON(err)
	}
	target, err := f.Target.parse()
	if err != nil {
		return fmt.Errorf("target: %w", err)
	}
	j.Proving = append(j.Proving, Attempt{e.Time, hostName(f.Name), f.Port, target})
	return nil
}

func (j *Journal) addSocket(e Entry) error {
	var f struct {
		Proto  scalar     `json:"proto"`
		Local  controlEnd `json:"local"`
		Remote controlEnd `json:"remote"`
		UID    scalar     `json:"uid"`
	}
	if err := json.Unmarshal(e.Line, &f); err != nil {
		return plainJSON(err)
	}
	s := SocketReading{Time: e.Time, UID: string(f.UID)}
	var err error
	if s.Proto, err = parseProto(string(f.Proto)); err != nil {
		return err
	}
	if s.Local, err = f.Local.parse(); err != nil {
		return fmt.Errorf("local: %w", err)
	}
	if s.Remote, err = f.Remote.parse(); err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	j.Sockets = append(j.Sockets, s)
	return nil
}

type controlEnd struct {
	Addr string `json:"addr"`
	Port uint16 `json:"port"`
}

func (e controlEnd) parse() (netip.AddrPort, error) {
	a, err := parseAddr(e.Addr)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q: %w", e.Addr, err)
	}
	return netip.AddrPortFrom(a, e.Port), nil
}

// protocols of controls by their IANA names, and the short form that ping uses.
var protocols = map[string]uint8{"icmp": 1, "tcp": 6, "udp": 17, "ipv6-icmp": 58, "icmpv6": 58, "icmp6": 58}

func parseProto(s string) (uint8, error) {
	if n, ok := protocols[strings.ToLower(s)]; ok {
		return n, nil
	}
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil {
		return 0, errors.New("proto: expected icmp, ipv6-icmp, tcp, udp or a protocol number")
	}
	return uint8(n), nil
}
