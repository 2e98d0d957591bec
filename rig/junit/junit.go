package junit

import (
	"encoding/xml"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/spanrig/spanrig/rig/policy"
)

// Suite is one recording, or one run of specs
// (elements after https://github.com/testmoapp/junitxml).
type Suite struct {
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Properties []Property `xml:"properties>property"`
	Cases      []Case     `xml:"testcase"`
}

// Property is a name with a value.
type Property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

// Case is one verdict, or one spec.
type Case struct {
	Name       string     `xml:"name,attr"`
	Class      string     `xml:"classname,attr"`
	Seconds    float64    `xml:"time,attr"`
	Properties []Property `xml:"properties>property,omitempty"`
	Failure    *Problem   `xml:"failure"`
	Error      *Problem   `xml:"error"`
	Skipped    *Problem   `xml:"skipped"`
	Out        string     `xml:"system-out,omitempty"`
}

// Problem says what is wrong with a case.
type Problem struct {
	Type    string `xml:"type,attr,omitempty"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// Add appends c to the suite and counts it.
func (s *Suite) Add(c Case) {
	s.Cases = append(s.Cases, c)
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
}

// Settle gives c the outcome of a verdict: nothing for a pass.
func (c *Case) Settle(result policy.Result, message, text string) {
	p := &Problem{Type: string(result), Message: message, Text: text}
	switch result {
	case policy.Pass:
		c.Out = strings.TrimSuffix(message+"\n"+text, "\n")
	case policy.Fail:
		c.Failure = p
	default:
		c.Error = p
	}
}

// Write writes the suites as one document. Characters that XML 1.0 cannot
// hold become U+FFFD.
func Write(w io.Writer, suites ...Suite) error {
	type document struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Suites   []Suite  `xml:"testsuite"`
	}
	all := document{Name: "spanrig", Suites: suites}
	for _, s := range suites {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		all.Skipped += s.Skipped
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", " ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// Valid replaces bytes that are no UTF-8, so that a message reads the same in
// every parser.
func Valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
