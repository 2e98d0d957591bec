package evidence

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/rig/policy"
)

// variants are bundles that are signed, with the key that must have signed, and
// not.
var variants = []struct {
	name string
	get  func() (files, error)
	keys []ed25519.PublicKey
}{
	{"signed", sealedTrace, []ed25519.PublicKey{testPublic(1)}},
	{"unsigned", unsignedTrace, nil},
}

// TestEveryFile changes one bit of each file of a bundle, at several places.
func TestEveryFile(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, v := range variants {
		whole := trace(t, v.get)
		for _, name := range slices.Sorted(maps.Keys(whole)) {
			t.Run(v.name+"/"+name, func(t *testing.T) {
				n := len(whole[name])
				for _, at := range []int{0, n - 1, random.IntN(n), random.IntN(n)} {
					f := maps.Clone(whole)
					f[name] = bytes.Clone(f[name])
					f[name][at] ^= 1 << random.IntN(8)
					found(t, verified(t, f.folder(t), v.keys...), name)
					found(t, verified(t, f.zip(t), v.keys...), name)
				}
			})
		}
	}
}

// TestBits changes 200 random bits of a zip, and as many outside of contents:
// in headers and directory.
func TestBits(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, v := range variants {
		t.Run(v.name, func(t *testing.T) {
			path := trace(t, v.get).zip(t)
			good, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			z, err := openZip(path)
			if err != nil {
				t.Fatal(err)
			}
			defer z.Close()
			n := 200
			if testing.Short() {
				n = 20
			}
			for i := range 2 * n {
				at := random.IntN(len(good))
				if i >= n {
					at = outside(z, random, len(good))
				}
				bad := bytes.Clone(good)
				bad[at] ^= 1 << random.IntN(8)
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					t.Fatal(err)
				}
				named(t, z, at, verified(t, path, v.keys...))
			}
		})
	}
}

// named checks that the error of a changed bit names the file that it is in. A
// name that was changed in one of its two places is told with both.
func named(t *testing.T, z *archive, at int, err error) {
	t.Helper()
	name, container := fileAt(z, int64(at))
	if !container {
		found(t, err, name)
	} else if err == nil || !strings.Contains(err.Error(), name) && !strings.HasPrefix(err.Error(), "bundle.zip: ") {
		t.Errorf("bit of byte %d, about %s: %v", at, name, err)
	}
}

// outside is a random byte of headers, directory or end.
func outside(z *archive, random *rand.Rand, size int) int {
	var all []int64
	end := int64(0)
	for _, name := range z.list {
		e := z.entries[name]
		for at := e.offset; at < e.content(); at++ {
			all = append(all, at)
		}
		end = e.end()
	}
	for ; end < int64(size); end++ {
		all = append(all, end)
	}
	return int(all[random.IntN(len(all))])
}

// fileAt says which file a byte of the zip belongs to, and whether it is in a
// header or the directory rather than in the file.
func fileAt(z *archive, at int64) (name string, container bool) {
	directory := int64(0)
	for _, name := range z.list {
		e := z.entries[name]
		if at >= e.offset && at < e.end() {
			return name, at < e.content()
		}
		directory = e.end()
	}
	for _, name := range z.list {
		if directory += int64(len(z.entries[name].directory())); at < directory {
			return name, true
		}
	}
	return "bundle.zip", true
}

// swapped changes the order of two lines.
func swapped(b []byte, i, j int) []byte {
	lines := bytes.SplitAfter(bytes.Clone(b), []byte("\n"))
	lines[i], lines[j] = lines[j], lines[i]
	return bytes.Join(lines, nil)
}

// transport is another policy that is valid.
func transport(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Load("transport")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const policyName = policyFolder + "1/dji-pilot2.yaml"

// tamperings change what a bundle is made of. Those that are "resealed" make
// digests, sums and attestation fit, and are found by what follows from the
// recording alone.
var tamperings = []struct {
	name   string
	change func(t *testing.T, f files)
	files  []string // one of which is named
}{
	{"journal reordered", func(_ *testing.T, f files) { f[journalName] = swapped(f[journalName], 5, 6) }, []string{journalName}},
	{"journal reordered, resealed", func(t *testing.T, f files) {
		f[journalName] = swapped(f[journalName], 5, 6)
		f.reseal(t, nil, nil)
	}, []string{journalName}},
	{"journal cut", func(_ *testing.T, f files) { f[journalName] = f[journalName][:len(f[journalName])/2] }, []string{journalName}},
	{"journal without its last lines, resealed", func(t *testing.T, f files) {
		lines := bytes.SplitAfter(f[journalName], []byte("\n"))
		f[journalName] = bytes.Join(lines[:len(lines)-5], nil)
		f.reseal(t, nil, nil)
	}, []string{CustodyName, VerdictsName, ManifestName}},
	{"journal without a control, rechained, resealed", func(t *testing.T, f files) {
		lines := bytes.Split(bytes.TrimSuffix(f[journalName], []byte("\n")), []byte("\n"))
		lines = slices.DeleteFunc(lines, func(l []byte) bool { return bytes.Contains(l, []byte(`"kind":"control"`)) })
		f[journalName] = rechain(t, lines)
		f.reseal(t, nil, nil)
	}, []string{FlowsName, VerdictsName}},
	{"another policy", func(t *testing.T, f files) { f[policyName] = transport(t).Sources[0].Content }, []string{policyName}},
	{"another policy, resealed", func(t *testing.T, f files) {
		f[policyName] = transport(t).Sources[0].Content
		f.reseal(t, nil, nil)
	}, []string{policyName}},
	{"another policy, resealed with its digest", func(t *testing.T, f files) {
		f[policyName] = transport(t).Sources[0].Content
		f.reseal(t, nil, func(m *Manifest) { m.Judged.Policy.SHA256 = transport(t).SHA256 })
	}, []string{FlowsName, VerdictsName}},
	{"a fail made a pass", func(_ *testing.T, f files) {
		f[VerdictsName] = bytes.Replace(f[VerdictsName], []byte(`"fail"`), []byte(`"pass"`), 1)
	}, []string{VerdictsName}},
	{"a fail made a pass, resealed", func(t *testing.T, f files) {
		f[VerdictsName] = bytes.ReplaceAll(f[VerdictsName], []byte(`"fail"`), []byte(`"pass"`))
		f.reseal(t, nil, func(m *Manifest) { m.Result = policy.Pass })
	}, []string{VerdictsName}},
	{"a flow left out, resealed", func(t *testing.T, f files) {
		f[FlowsName] = f[FlowsName][bytes.IndexByte(f[FlowsName], '\n')+1:]
		f.reseal(t, nil, nil)
	}, []string{FlowsName}},
	{"a flow added, resealed", func(t *testing.T, f files) {
		f[FlowsName] = append(bytes.Clone(f[FlowsName]), f[FlowsName][:bytes.IndexByte(f[FlowsName], '\n')+1]...)
		f.reseal(t, nil, nil)
	}, []string{FlowsName}},
	{"flows reordered, resealed", func(t *testing.T, f files) {
		f[FlowsName] = swapped(f[FlowsName], 1, 2)
		f.reseal(t, nil, nil)
	}, []string{FlowsName}},
	{"a place moved, resealed", func(t *testing.T, f files) {
		f[PlacesName] = bytes.Replace(f[PlacesName], []byte(`"country":"US"`), []byte(`"country":"CA"`), 1)
		f.reseal(t, nil, nil)
	}, []string{FlowsName}},
	{"a place that nobody looked up, resealed", func(t *testing.T, f files) {
		f[PlacesName] = append(bytes.Clone(f[PlacesName]), `{"addr":"2001:db8:ffff::1","strength":"none"}`+"\n"...)
		f.reseal(t, nil, nil)
	}, []string{PlacesName}},
	{"another sealer, resealed", func(t *testing.T, f files) {
		f[CustodyName] = bytes.Replace(f[CustodyName], []byte(`"by":"Ada"`), []byte(`"by":"Eve"`), 1)
		f.reseal(t, testKey(2), func(m *Manifest) { m.Custody = chainOf(f[CustodyName]) })
	}, []string{AttestationName}}, // key 1 has not signed
	{"custody changed, resealed", func(t *testing.T, f files) {
		f[CustodyName] = bytes.Replace(f[CustodyName], []byte(`"seq":2`), []byte(`"seq":3`), 1)
		f.reseal(t, nil, nil)
	}, []string{CustodyName}},
	{"result changed in the manifest, resealed", func(t *testing.T, f files) {
		f.reseal(t, nil, func(m *Manifest) { m.Result = policy.Pass })
	}, []string{ManifestName}},
	{"firmware changed in the manifest, resealed", func(t *testing.T, f files) {
		f.reseal(t, nil, func(m *Manifest) { m.Device.Firmware = "99" })
	}, []string{ManifestName}},
	{"leaf changed in the manifest, resealed", func(t *testing.T, f files) {
		f.reseal(t, nil, func(m *Manifest) { m.file("recording/ldm1-tls/capture.pcapng").Leaves[0] = strings.Repeat("0", 64) })
	}, []string{"recording/ldm1-tls/capture.pcapng"}},
	{"flags changed in the manifest, resealed", func(t *testing.T, f files) {
		f.reseal(t, nil, func(m *Manifest) { m.Judged.Trust = "a friend" })
	}, []string{VerdictsName}},
	{"signature of another key", func(t *testing.T, f files) {
		m := f.manifest(t)
		e, err := parseEnvelope(f[AttestationName])
		if err != nil {
			t.Fatal(err)
		}
		delete(f, keyName(m.Signer))
		f[keyName(KeyID(testPublic(2)))] = publicPEM(testPublic(2))
		f.envelop(t, testKey(2), m, e.Payload)
	}, []string{AttestationName}},
	{"signature taken away", func(t *testing.T, f files) {
		m := f.manifest(t)
		e, err := parseEnvelope(f[AttestationName])
		if err != nil {
			t.Fatal(err)
		}
		delete(f, keyName(m.Signer))
		f.envelop(t, nil, m, e.Payload)
	}, []string{AttestationName}},
	{"payload encoded otherwise, and signed", func(t *testing.T, f files) {
		e, err := parseEnvelope(f[AttestationName])
		if err != nil {
			t.Fatal(err)
		}
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, e.Payload, "", " "); err != nil {
			t.Fatal(err)
		}
		f.envelop(t, testKey(1), f.manifest(t), pretty.Bytes())
	}, []string{AttestationName}},
	{"envelope encoded otherwise", func(t *testing.T, f files) {
		var pretty bytes.Buffer
		if err := json.Indent(&pretty, f[AttestationName], "", " "); err != nil {
			t.Fatal(err)
		}
		f[AttestationName] = pretty.Bytes()
	}, []string{AttestationName}},
	{"Base64 of another alphabet", func(t *testing.T, f files) {
		e, err := parseEnvelope(f[AttestationName])
		if err != nil {
			t.Fatal(err)
		}
		f[AttestationName] = bytes.Replace(f[AttestationName], []byte(base64.StdEncoding.EncodeToString(e.Signatures[0].Sig)), []byte(base64.URLEncoding.EncodeToString(e.Signatures[0].Sig)), 1)
		f[AttestationName] = bytes.Replace(f[AttestationName], []byte(`"keyid"`), []byte(`"KeyID"`), 1)
	}, []string{AttestationName}},
	{"a key more", func(_ *testing.T, f files) { f[keyName(KeyID(testPublic(3)))] = publicPEM(testPublic(3)) }, []string{keyName(KeyID(testPublic(3)))}},
	{"sums sorted otherwise", func(_ *testing.T, f files) { f[SumsName] = swapped(f[SumsName], 0, 1) }, []string{SumsName}},
	{"a sum left out", func(_ *testing.T, f files) { f[SumsName] = f[SumsName][bytes.IndexByte(f[SumsName], '\n')+1:] }, []string{SumsName}},
	{"a file added", func(_ *testing.T, f files) { f["extra.txt"] = []byte("x") }, []string{"extra.txt"}},
	{"a file added to the recording", func(_ *testing.T, f files) { f["recording/ldm1-tls/capture-0002.pcapng"] = []byte("x") }, []string{"recording/ldm1-tls/capture-0002.pcapng"}},
	{"a file that is empty added", func(_ *testing.T, f files) { f["extra"] = nil }, []string{"extra"}},
}

// TestStructure: each is found, and the right file named.
func TestStructure(t *testing.T) {
	for _, c := range tamperings {
		t.Run(c.name, func(t *testing.T) {
			f := trace(t, sealedTrace)
			c.change(t, f)
			var keys []ed25519.PublicKey // resealed without one: found by nothing but itself
			if !strings.HasSuffix(c.name, "resealed") && !strings.Contains(c.name, "resealed with") || strings.HasPrefix(c.name, "another sealer") {
				keys = append(keys, testPublic(1))
			}
			found(t, verified(t, f.folder(t), keys...), c.files...)
			found(t, verified(t, f.zip(t), keys...), c.files...)
		})
	}
}

// chainOf is the end of the chain that a file of chained lines says.
func chainOf(content []byte) Chain {
	lines := bytes.Split(bytes.TrimSuffix(content, []byte("\n")), []byte("\n"))
	return Chain{len(lines), digestOf(lines[len(lines)-1]).sha256}
}
