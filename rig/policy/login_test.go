package policy

import (
	"testing"

	"github.com/spanrig/spanrig/captures/dissect"
)

func TestMQTTLogin(t *testing.T) {
	const rest = "\x00\x3c\x00\x01c"
	for text, want := range map[string]bool{
		"\x10\x10\x00\x04MQTT\x04\xc2" + rest:       true,
		"\x10\x10\x00\x04MQTT\x05\x80" + rest:       true,
		"\x10\x90\x01\x00\x06MQIsdp\x03\x42" + rest: true,
		"\x10\x10\x00\x04MQTT\x04\x02" + rest:       false,
		"\x30\x10\x00\x04MQTT\x04\xc2" + rest:       false,
		"\x10\xff\xff\xff\xff\x00\x04MQTT\x04\xc2":  true,
		"\x10\x10\x00\x04MQTT\x04":                  false,
		"\x10":                                      false,
		"":                                          false,
	} {
		if _, got := binaryLogin(dissect.MQTTProtocol, []byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
	if _, got := binaryLogin(dissect.HTTPProtocol, []byte("\x10\x10\x00\x04MQTT\x04\xc2"+rest)); got {
		t.Error("a login of another protocol")
	}
}
