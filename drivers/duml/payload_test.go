package duml

import (
	"reflect"
	"strings"
	"testing"
)

// TestParseVersion reads the answer in testdata, whose fields comm_serialtalk.py
// prints as hw_version WB301 Ver A.0, ldr_version 0x01020307, app_version 0x0d0c0b0a.
func TestParseVersion(t *testing.T) {
	v, err := ParseVersion(vectors(t)[4].frame.Payload)
	want := Version{Hardware: "WB301 Ver A.0", Loader: Release{1, 2, 3, 7}, Firmware: Release{13, 12, 11, 10}, Flags: 0xc00003ff, Rest: []byte{1}}
	if err != nil || !reflect.DeepEqual(v, want) || !v.Production() || !v.SafeUpgrade() || v.Loader.String() != "01.02.03.07" {
		t.Errorf("%+v, %v, want %+v", v, err, want)
	}
	if _, err := ParseVersion([]byte{0xe0}); err == nil || !strings.Contains(err.Error(), "e0") {
		t.Errorf("%v; want the answer shown", err)
	}
}

func FuzzParseVersion(f *testing.F) {
	f.Add([]byte(strings.Repeat("x", 31)))
	f.Fuzz(func(t *testing.T, p []byte) {
		v, err := ParseVersion(p)
		if (err != nil) == (v.Rest != nil) {
			t.Fatalf("value xor error: %+v, %v", v, err)
		}
		if err != nil {
			return
		}
		if again, err := ParseVersion(v.Append(nil)); err != nil || !reflect.DeepEqual(v, again) {
			t.Fatalf("%+v, then %+v, %v", v, again, err)
		}
	})
}

// TestParsePush holds against what rc-monitor's rcm_parse_payload printed for
// the last three pushes in testdata.
func TestParsePush(t *testing.T) {
	all := vectors(t)
	all = all[len(all)-4 : len(all)-1]
	for i, want := range []Push{
		{Switch: 1},
		{
			Pause: true, Shutter: true, Record: true, Custom: [3]bool{true, false, false}, Up: true, Switch: 2,
			RightStick: Stick{660, -660}, LeftStick: Stick{1, -1}, LeftWheel: 16, RightWheel: -16, RightTurn: 5,
		},
		{
			GoHome: true, Custom: [3]bool{false, true, true}, Down: true, Left: true, Right: true, Press: true, Switch: 2,
			RightStick: Stick{-660, 660}, LeftStick: Stick{-660, 660}, LeftWheel: -660, RightWheel: 660, RightTurn: -31,
		},
	} {
		if p, err := ParsePush(all[i].frame.Payload); err != nil || p != want {
			t.Errorf("%+v, %v, want %+v", p, err, want)
		}
	}
	if p, err := ParsePush(make([]byte, 16)); err == nil {
		t.Errorf("16 bytes: %+v", p)
	}
}

func FuzzParsePush(f *testing.F) {
	f.Add(make([]byte, PushSize))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ParsePush(b)
		if (err != nil) != (len(b) < PushSize) {
			t.Fatal(err)
		}
		if err != nil {
			return
		}
		if again, err := ParsePush(p.Append(nil)); err != nil || p != again {
			t.Fatalf("%+v, then %+v, %v", p, again, err)
		}
	})
}
