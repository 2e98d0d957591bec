package evidence

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// oneOf fails where a parser gives neither or both of value and error, or more
// than a line of error.
func oneOf(t *testing.T, value bool, err error) {
	t.Helper()
	if value == (err != nil) {
		t.Fatalf("value %v, error %v", value, err)
	}
	if err != nil && strings.ContainsAny(err.Error(), "\n\r") {
		t.Fatalf("more than a line: %q", err)
	}
}

// firstLine keeps seeds short, for the fuzzer changes short ones faster.
func firstLine(b []byte) []byte { return b[:bytes.IndexByte(b, '\n')+1] }

func FuzzManifest(f *testing.F) {
	b := trace(f, sealedTrace)
	f.Add(b[ManifestName])
	f.Add([]byte("{}\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		m, err := parseManifest(content)
		oneOf(t, m != nil, err)
		if err != nil {
			return
		}
		again, err := canonical(m)
		if err != nil || !bytes.Equal(append(again, '\n'), content) {
			t.Fatalf("there is another text of it: %v\n%s\n%s", err, content, again)
		}
	})
}

func FuzzEnvelope(f *testing.F) {
	b := trace(f, sealedTrace)
	f.Add(b[AttestationName])
	f.Add([]byte(`{"payload":"","payloadType":"application/vnd.in-toto+json","signatures":[]}` + "\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		e, err := parseEnvelope(content)
		oneOf(t, e != nil, err)
		if err != nil {
			return
		}
		if again, err := e.encode(); err != nil || !bytes.Equal(again, content) {
			t.Fatalf("there is another text of it: %v\n%s\n%s", err, content, again)
		}
		statedSum(e.Payload)
		e.ordered("")
	})
}

func FuzzCustody(f *testing.F) {
	f.Add(trace(f, sealedTrace)[CustodyName])
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := parseCustody(content)
		if err != nil {
			oneOf(t, list != nil, err)
			return
		}
		if again, _, err := encodeCustody(list); err != nil || !bytes.Equal(again, content) {
			t.Fatalf("there is another text of it: %v\n%s\n%s", err, content, again)
		}
	})
}

func FuzzPlaces(f *testing.F) {
	f.Add(firstLine(trace(f, sealedTrace)[PlacesName]))
	f.Add([]byte(`{"addr":"::ffff:192.0.2.1","strength":"none"}` + "\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := parsePlaces(content, Databases{})
		oneOf(t, p != nil, err)
		if err != nil {
			return
		}
		k := newLooker(p)
		for a := range p.known {
			k.Locate(a)
		}
		if again, err := k.encode(); err != nil || !bytes.Equal(again, content) {
			t.Fatalf("there is another text of it: %v\n%s\n%s", err, content, again)
		}
	})
}

func FuzzFlows(f *testing.F) {
	f.Add(firstLine(trace(f, sealedTrace)[FlowsName]))
	f.Add([]byte("{}"))
	f.Add(bytes.Repeat([]byte(" "), 1<<17))
	f.Fuzz(func(t *testing.T, content []byte) {
		for flow, err := range parseFlows(bytes.NewReader(content)) {
			oneOf(t, flow != nil, err)
		}
	})
}

func FuzzVerdicts(f *testing.F) {
	f.Add([]byte(`{"schema":1,"result":"fail","recording":{},"policy":{},"databases":[],"windows":[],"verdicts":[{"claim":"LDM-1","window":"a","result":"fail","waiver":{"expires":"2026-01-01T00:00:00Z"}}],"not_judged":[{"claim":"PIN-1"}]}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		r, err := parseReport(content)
		oneOf(t, r != nil, err)
		if err == nil {
			attest(&Manifest{}, "", r, nil)
		}
	})
}

func FuzzZip(f *testing.F) {
	b := files{ManifestName: []byte("{}\n"), "recording/a/b": []byte("c"), ReadmeName: nil}
	z := b.zip(f)
	s, err := openZip(z)
	if err != nil {
		f.Fatal(err)
	}
	defer s.Close()
	whole, err := io.ReadAll(io.NewSectionReader(s.file, 0, 1<<20))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[len(whole)-lenEnd:])
	f.Add(ending(1<<16, 5<<32, 10))
	f.Fuzz(func(t *testing.T, content []byte) {
		a := &archive{}
		err := a.read(bytes.NewReader(content), int64(len(content)))
		if err != nil {
			var d *Difference
			if !errors.As(err, &d) || strings.ContainsAny(err.Error(), "\n\r") {
				t.Fatalf("%T %q", err, err)
			}
			return
		}
		// Whatever is taken is, byte by byte, the zip of its files.
		var again []byte
		var directory []byte
		for _, name := range a.list {
			e := a.entries[name]
			again = append(append(again, e.local()...), content[e.content():e.end()]...)
			directory = append(directory, e.directory()...)
		}
		end := ending(len(a.list), int64(len(again)), int64(len(directory)))
		if again = append(append(again, directory...), end...); !bytes.Equal(again, content) {
			t.Fatalf("there is another zip of these files:\n%x\n%x", content, again)
		}
	})
}

func FuzzKeys(f *testing.F) {
	f.Add(publicPEM(testPublic(1)))
	f.Add([]byte("MC4CAQAwBQYDK2VwBCIEIHCOd91fKb"))
	f.Fuzz(func(t *testing.T, content []byte) {
		private, err := parsePrivateKey(content)
		oneOf(t, private != nil, err)
		public, err := parsePublicKey(content)
		oneOf(t, public != nil, err)
	})
}

func FuzzPerson(f *testing.F) {
	f.Add("Ada Lovelace, test engineer")
	f.Add(",")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePerson(s)
		oneOf(t, p.Name != "", err)
	})
}

func FuzzCanonical(f *testing.F) {
	f.Add(`{"b":[1,2.5,"é\u2028"],"a":{"":null,"\ud83d\ude00":true,"\uffff":false}}`)
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if unmarshalStrict([]byte(text), &v) != nil {
			return
		}
		b, err := canonical(v)
		if err != nil {
			return // a number that has no place
		}
		var again any
		if err := unmarshalStrict(b, &again); err != nil {
			t.Fatalf("no JSON: %v\n%s", err, b)
		}
		if twice, err := canonical(again); err != nil || !bytes.Equal(twice, b) {
			t.Fatalf("not stable: %v\n%s\n%s", err, b, twice)
		}
	})
}
