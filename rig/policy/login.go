package policy

import "github.com/spanrig/spanrig/captures/dissect"

// binaryLogin returns what logs in at the head of a cleartext stream whose
// credentials no pattern over text can find.
func binaryLogin(p dissect.Protocol, b []byte) (what string, found bool) {
	return "credential", p == dissect.MQTTProtocol && mqttLogin(b)
}

// mqttLogin reports whether b begins with an MQTT CONNECT that carries a user
// name or a password (MQTT 3.1.1 and 5.0 section 3.1; 3.1 names itself MQIsdp).
func mqttLogin(b []byte) bool {
	const connect, login = 0x10, 0xc0 // packet type; flags of user name and password
	if len(b) == 0 || b[0]&0xf0 != connect {
		return false
	}
	b = b[1:]
	for i := 0; len(b) > 0 && i < 4; i++ { // remaining length: at most four bytes
		last := b[0]&0x80 == 0
		b = b[1:]
		if last {
			break
		}
	}
	if len(b) < 2 {
		return false
	}
	name := int(b[0])<<8 | int(b[1])
	return len(b) >= name+4 && b[name+3]&login != 0 // name, level, flags
}
