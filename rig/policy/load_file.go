package policy

import "github.com/spanrig/spanrig/rig/strict"

// policyFile is a policy or an overlay as it stands on disk.
type policyFile struct {
	Schema  int         `yaml:"schema"`
	Name    strict.Text `yaml:"name"`
	Title   strict.Text `yaml:"title"`
	Extends strict.Text `yaml:"extends"`
	Claims  []struct {
		ID     strict.Text `yaml:"id"`
		Title  strict.Text `yaml:"title"`
		Quote  strict.Text `yaml:"quote"`
		Source strict.Text `yaml:"source"`
	} `yaml:"claims"`
	Parties struct {
		First    []entryFile `yaml:"first"`
		Provider []entryFile `yaml:"provider"`
		Operator []entryFile `yaml:"operator"`
		System   []entryFile `yaml:"system"`
		Third    []entryFile `yaml:"third"`
	} `yaml:"parties"`
	Services []struct {
		ID     strict.Text `yaml:"id"`
		Title  strict.Text `yaml:"title"`
		Source strict.Text `yaml:"source"`
		Sure   strict.Text `yaml:"sure"`
	} `yaml:"services"`
	Exceptions struct {
		DNS  bool `yaml:"dns"`
		NTP  bool `yaml:"ntp"`
		HTTP []struct {
			Method strict.Text `yaml:"method"`
			Host   strict.Text `yaml:"host"`
			Path   strict.Text `yaml:"path"`
			Source strict.Text `yaml:"source"`
			Sure   strict.Text `yaml:"sure"`
		} `yaml:"http"`
	} `yaml:"exceptions"`
	Geo struct {
		Countries []strict.Text `yaml:"countries"`
		Operators []strict.Text `yaml:"operators"`
		ASNs      []strict.Text `yaml:"asns"`
		Anycast   []strict.Text `yaml:"anycast"`
	} `yaml:"geo"`
	Resolvers []entryFile `yaml:"resolvers"`
	Secrets   []struct {
		ID      strict.Text `yaml:"id"`
		What    strict.Text `yaml:"what"`
		Pattern strict.Text `yaml:"pattern"`
	} `yaml:"secrets"`
	Waivers []struct {
		Claim    strict.Text `yaml:"claim"`
		Endpoint strict.Text `yaml:"endpoint"`
		Reason   strict.Text `yaml:"reason"`
		Owner    strict.Text `yaml:"owner"`
		Expires  strict.Text `yaml:"expires"`
	} `yaml:"waivers"`
}

// entryFile is one endpoint of a list: a domain with all below it, a host
// alone, or a prefix.
type entryFile struct {
	Domain   strict.Text   `yaml:"domain"`
	Host     strict.Text   `yaml:"host"`
	Prefix   strict.Text   `yaml:"prefix"`
	Services []strict.Text `yaml:"services"`
	Owner    strict.Text   `yaml:"owner"`
	Source   strict.Text   `yaml:"source"`
	Sure     strict.Text   `yaml:"sure"`
}

// decode reads the YAML strictly. It returns all that does not fit, or the file.
func decode(file string, content []byte) (*policyFile, []Finding) {
	return strict.Decode[policyFile](file, "policy", content)
}
