package suite

import "testing"

func TestRange(t *testing.T) {
	for _, c := range []struct {
		constraint, version string
		want                bool
	}{
		{">=10.1.0.30", "10.1.0.30", true},
		{">=10.1.0.30", "10.1.0.4", false}, // integers, not text
		{">=10.1.0.30 <10.2", "10.1.9.9", true},
		{">=10.1.0.30,<10.2", "10.2.0.0", false},
		{"10.1", "10.1.0.0", true}, // missing parts are 0
		{"!=2.1.507", "02.01.0507", false},
		{">2", "v2.0.1", true},
		{"<=2", "2.0.1", false},
	} {
		r, err := ParseRange(c.constraint)
		if err != nil {
			t.Fatal(err)
		}
		v, err := ParseVersion(c.version)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Contains(v); got != c.want {
			t.Errorf("%s contains %s: %v", c.constraint, c.version, got)
		}
	}
	for _, bad := range []string{"", "  ", "=>1", ">=", "1.x", "~1"} {
		if r, err := ParseRange(bad); err == nil || r != nil {
			t.Errorf("ParseRange(%q) = %v, %v", bad, r, err)
		}
	}
}

// FuzzVersion: value xor error, and what is printed reads back as the same.
func FuzzVersion(f *testing.F) {
	for _, s := range []string{"10.1.0.30", "v1", "", "1..2", "18446744073709551616", "01.02"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseVersion(s)
		if (v == nil) == (err == nil) {
			t.Fatalf("%q: %v, %v", s, v, err)
		}
		if err != nil {
			return
		}
		again, err := ParseVersion(v.String())
		if err != nil || again.Compare(v) != 0 {
			t.Errorf("%q: %v, %v", s, again, err)
		}
	})
}
