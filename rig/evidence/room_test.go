package evidence

import (
	"bytes"
	"encoding/base64"
	"runtime"
	"strings"
	"testing"
)

// allocated is how much verifying takes, bytes.
func allocated(t *testing.T, path string) (total uint64, err error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err = verified(t, path)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, err
}

// TestRoom: files of the seal that are far larger than those of so many files can
// be are refused before they are read.
func TestRoom(t *testing.T) {
	const much = 32 << 20
	for name, c := range map[string]struct {
		change func(f files)
		file   string
	}{
		"payload": {func(f files) {
			f[AttestationName] = []byte(`{"payload":"` + base64.StdEncoding.EncodeToString(make([]byte, much)) + `","payloadType":"` + PayloadType + `","signatures":[]}` + "\n")
		}, AttestationName},
		"signatures": {func(f files) {
			f[AttestationName] = []byte(`{"payload":"","payloadType":"` + PayloadType + `","signatures":[` + strings.Repeat("{},", 1<<17) + "{}]}\n")
		}, AttestationName},
		"manifest": {func(f files) { f[ManifestName] = []byte(`{"files":[` + strings.Repeat("{},", much/3) + "{}]}\n") }, ManifestName},
		"sums":     {func(f files) { f[SumsName] = bytes.Repeat([]byte("\n"), much) }, SumsName},
		"lines":    {func(f files) { f[SumsName] = bytes.Repeat([]byte("\n"), roomAtLeast) }, SumsName},
	} {
		t.Run(name, func(t *testing.T) {
			f := trace(t, unsignedTrace)
			c.change(f)
			n, err := allocated(t, f.folder(t))
			found(t, err, c.file)
			if n > 12<<20 {
				t.Errorf("%d bytes to find that %v", n, err)
			}
		})
	}
}

// TestRoomOfSeal: nothing is sealed that would not be read, and the seal of
// what is sealed takes a small part of its room.
func TestRoomOfSeal(t *testing.T) {
	f := trace(t, sealedTrace)
	m := f.manifest(t)
	if err := m.checkRoom(keepSeal(f)); err != nil {
		t.Error(err)
	}
	err := m.checkRoom(files{ManifestName: make([]byte, 2<<20)})
	if err == nil || !strings.HasPrefix(err.Error(), "manifest.json would have 2097152 bytes") {
		t.Error(err)
	}
	m.Files = m.Files[:0]
	var r sealRoom
	for range 1000 { // what grows with the files stays in what they add
		name := strings.Repeat(`"`, maxName)
		m.Files = append(m.Files, File{Name: name, Bytes: 1 << 50, SHA256: strings.Repeat("0", 64), Leaves: make([]string, 1)})
		r.add(name, 0)
	}
	content, err := canonical(m)
	if err != nil {
		t.Fatal(err)
	}
	if n := int64(len(content)) - roomAtLeast; n > r.manifest {
		t.Errorf("%d bytes, and %d of room", n, r.manifest)
	}
	if n := int64(len(m.sums(""))); n > r.manifest {
		t.Errorf("%d bytes, and %d of room", n, r.manifest)
	}
}

// TestSignatures: a hundred keys may sign, and no more.
func TestSignatures(t *testing.T) {
	e := &envelope{Payload: []byte("{}"), PayloadType: PayloadType}
	for i := range maxSignatures {
		if err := e.sign(testKey(byte(i)), ""); err != nil {
			t.Fatal(err)
		}
	}
	content, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := parseEnvelope(content); err != nil {
		t.Error(err)
	}
	if err := e.sign(testKey(200), ""); err == nil || !strings.Contains(err.Error(), "that is the most") {
		t.Error(err)
	}
	content = bytes.Replace(content, []byte(`"signatures":[`), []byte(`"signatures":[{"keyid":"","sig":""},`), 1)
	if _, err := parseEnvelope(content); err == nil || !strings.Contains(err.Error(), "101 signatures") {
		t.Error(err)
	}
}
