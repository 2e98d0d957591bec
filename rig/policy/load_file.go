package policy

import (
	"reflect"

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
	t.value, _ = scalar(n)
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

// decode reads the YAML strictly. It returns all that does not fit, or the file.
func decode(file string, content []byte) (*policyFile, []Finding) {
	f := &policyFile{}
	root, fault := parseYAML(file, content)
	if fault != nil {
		return nil, []Finding{*fault}
	}
	if root == nil {
		return nil, []Finding{{file, 1, 1, "holds nothing; see the policies that are built in for what it takes"}}
	}
	s := shape{file: file}
	if s.check(root, reflect.TypeFor[policyFile](), "a policy"); len(s.findings) > 0 {
		return nil, s.findings
	}
	if err := yaml.NodeToValue(root, f); err != nil {
		return nil, []Finding{*syntaxFinding(file, err)}
	}
	return f, nil
}
