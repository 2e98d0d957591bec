package policy

import (
	"errors"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// text is a scalar of a policy file with its place, so that an error can name
// line and column.
type text struct {
	value     string
	line, col int
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (t *text) UnmarshalYAML(n ast.Node) error {
	if tag, ok := n.(*ast.TagNode); ok {
		n = tag.Value
	}
	switch n := n.(type) {
	case *ast.StringNode:
		t.value = n.Value
	case *ast.LiteralNode:
		t.value = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		t.value = n.GetToken().Value // as it stands: a version is no number
	default:
		return &yaml.SyntaxError{Message: "expected plain text here", Token: n.GetToken()}
	}
	at := n.GetToken().Position
	t.line, t.col = at.Line, at.Column
	return nil
}

// policyFile is a policy or an overlay as it stands on disk.
type policyFile struct {
	Schema  int  `yaml:"schema"`
	Name    text `yaml:"name"`
	Title   text `yaml:"title"`
	Extends text `yaml:"extends"`
	Claims  []struct {
		ID     text `yaml:"id"`
		Title  text `yaml:"title"`
		Quote  text `yaml:"quote"`
		Source text `yaml:"source"`
	} `yaml:"claims"`
	Parties struct {
		First    []entryFile `yaml:"first"`
		Provider []entryFile `yaml:"provider"`
		Operator []entryFile `yaml:"operator"`
		System   []entryFile `yaml:"system"`
		Third    []entryFile `yaml:"third"`
	} `yaml:"parties"`
	Services []struct {
		ID     text `yaml:"id"`
		Title  text `yaml:"title"`
		Source text `yaml:"source"`
		Sure   text `yaml:"sure"`
	} `yaml:"services"`
	Exceptions struct {
		DNS  bool `yaml:"dns"`
		NTP  bool `yaml:"ntp"`
		HTTP []struct {
			Method text `yaml:"method"`
			Host   text `yaml:"host"`
			Path   text `yaml:"path"`
			Source text `yaml:"source"`
			Sure   text `yaml:"sure"`
		} `yaml:"http"`
	} `yaml:"exceptions"`
	Geo struct {
		Countries []text `yaml:"countries"`
		Operators []text `yaml:"operators"`
		ASNs      []text `yaml:"asns"`
		Anycast   []text `yaml:"anycast"`
	} `yaml:"geo"`
	Resolvers []entryFile `yaml:"resolvers"`
	Secrets   []struct {
		ID      text `yaml:"id"`
		What    text `yaml:"what"`
		Pattern text `yaml:"pattern"`
	} `yaml:"secrets"`
	Waivers []struct {
		Claim    text `yaml:"claim"`
		Endpoint text `yaml:"endpoint"`
		Reason   text `yaml:"reason"`
		Owner    text `yaml:"owner"`
		Expires  text `yaml:"expires"`
	} `yaml:"waivers"`
}

// entryFile is one endpoint of a list: a domain with all below it, a host
// alone, or a prefix.
type entryFile struct {
	Domain   text   `yaml:"domain"`
	Host     text   `yaml:"host"`
	Prefix   text   `yaml:"prefix"`
	Services []text `yaml:"services"`
	Owner    text   `yaml:"owner"`
	Source   text   `yaml:"source"`
	Sure     text   `yaml:"sure"`
}

// Limits of a policy file: lists of domains are long, but no file of a person
// is longer than this.
const (
	maxPolicyBytes = 4 << 20
	maxAliases     = 64
)

// decode reads the YAML strictly. The error is a Finding.
func decode(file string, b []byte) (*policyFile, error) {
	if len(b) > maxPolicyBytes {
		return nil, Finding{File: file, What: "larger than 4 MiB; is it a policy?"}
	}
	if aliases(b) > maxAliases {
		return nil, Finding{File: file, What: "too many aliases (*name); write the values out"}
	}
	f := &policyFile{}
	err := yaml.UnmarshalWithOptions(b, f, yaml.Strict())
	if err == nil {
		return f, nil
	}
	var at yaml.Error
	if errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position != nil {
		p := at.GetToken().Position
		return nil, Finding{file, p.Line, p.Column, at.GetMessage()}
	}
	return nil, Finding{File: file, What: err.Error()}
}

// aliases counts what may be an alias, before anything is expanded.
func aliases(b []byte) (n int) {
	for i, c := range b {
		if c == '*' && (i == 0 || b[i-1] == ' ' || b[i-1] == '[' || b[i-1] == ',' || b[i-1] == '\t') {
			n++
		}
	}
	return n
}
