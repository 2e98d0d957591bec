package locate

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// cloudFile is the union of what the clouds publish; which keys are there says
// whose file it is. Keys that are not needed are left aside: they are not ours.
type cloudFile struct {
	// AWS and Google both have "prefixes".
	CreateDate   string        `json:"createDate"`   // AWS, 2006-01-02-15-04-05
	CreationTime string        `json:"creationTime"` // Google, 2006-01-02T15:04:05.999999
	Prefixes     []cloudPrefix `json:"prefixes"`
	IPv6Prefixes []cloudPrefix `json:"ipv6_prefixes"` // AWS

	Cloud  string       `json:"cloud"` // Azure: Public, AzureGovernment, AzureChina, ...
	Values []serviceTag `json:"values"`

	Addresses     []string `json:"addresses"` // Fastly
	IPv6Addresses []string `json:"ipv6_addresses"`

	Result struct { // Cloudflare
		IPv4 []string `json:"ipv4_cidrs"`
		IPv6 []string `json:"ipv6_cidrs"`
	} `json:"result"`
}

// cloudPrefix is one of AWS (snake case) or Google (camel case).
type cloudPrefix struct {
	AWS4    string `json:"ip_prefix"`
	AWS6    string `json:"ipv6_prefix"`
	Region  string `json:"region"`
	Border  string `json:"network_border_group"`
	Service string `json:"service"`
	Google4 string `json:"ipv4Prefix"`
	Google6 string `json:"ipv6Prefix"`
	Scope   string `json:"scope"`
}

// serviceTag is one of Azure: a service, everywhere or in a region.
type serviceTag struct {
	Properties struct {
		Region        string   `json:"region"`
		SystemService string   `json:"systemService"`
		Prefixes      []string `json:"addressPrefixes"`
	} `json:"properties"`
}

// parseJSON reads the file of a cloud: see ParseRanges.
func (r *Ranges) parseJSON(data []byte) error {
	var f cloudFile
	if err := json.Unmarshal(data, &f); err != nil {
		return jsonError(data, err)
	}
	list := cloudList{ranges: r}
	for _, p := range append(f.Prefixes, f.IPv6Prefixes...) {
		list.prefix(p)
	}
	for _, tag := range f.Values {
		list.tag(tag, f.Cloud)
	}
	list.anycast(append(f.Addresses, f.IPv6Addresses...), "Fastly")
	list.anycast(append(f.Result.IPv4, f.Result.IPv6...), "Cloudflare")
	r.built = builtAt(f.CreateDate, f.CreationTime)
	switch {
	case list.err != nil:
		return fmt.Errorf(": %w", list.err)
	case r.table.Size() == 0:
		return errors.New(": has no prefix in the layout of AWS, Google, Azure, Fastly or Cloudflare")
	}
	return nil
}

// cloudList adds prefixes and keeps the first error.
type cloudList struct {
	ranges *Ranges
	err    error
}

func (l *cloudList) add(prefix string, p place) {
	parsed, err := parsePrefix(prefix)
	if err != nil {
		if l.err == nil {
			l.err = fmt.Errorf("%.60q is no prefix", prefix)
		}
		return
	}
	l.ranges.add(parsed, p)
}

// anycastServices of AWS answer from many places, whatever region stands beside.
var anycastServices = map[string]bool{"CLOUDFRONT": true, "GLOBALACCELERATOR": true, "ROUTE53": true}

func (l *cloudList) prefix(p cloudPrefix) {
	aws, google := p.AWS4+p.AWS6, p.Google4+p.Google6
	switch {
	case aws != "" && (p.Region == "GLOBAL" || anycastServices[p.Service]):
		l.add(aws, place{operator: "Amazon", anycast: true})
	case aws != "":
		l.add(aws, place{countries: []string{awsCountry(p.Region, p.Border)}, region: p.Region, operator: "Amazon"})
	case google != "" && p.Scope == "global":
		l.add(google, place{operator: "Google", anycast: true})
	case google != "": // goog.json has no scope
		l.add(google, place{countries: []string{regionCountry("google", p.Scope)}, region: p.Scope, operator: "Google"})
	}
}

func (l *cloudList) tag(t serviceTag, cloud string) {
	operator := "Microsoft"
	if strings.Contains(cloud, "China") {
		operator = "21Vianet (Azure China)" // runs it, by Azure's own documentation
	}
	p := t.Properties
	where := place{
		countries: []string{regionCountry("azure", p.Region)},
		region:    p.Region,
		operator:  operator,
		anycast:   strings.HasPrefix(p.SystemService, "AzureFrontDoor"),
	}
	for _, prefix := range p.Prefixes {
		l.add(prefix, where)
	}
}

func (l *cloudList) anycast(prefixes []string, operator string) {
	for _, p := range prefixes {
		l.add(p, place{operator: operator, anycast: true})
	}
}

// builtAt turns a cloud's time, which is in UTC, into RFC 3339; empty where it is none.
func builtAt(aws, google string) string {
	if t, err := time.Parse("2006-01-02-15-04-05", aws); err == nil {
		return t.Format(time.RFC3339)
	}
	if t, err := time.Parse("2006-01-02T15:04:05.999999999", google); err == nil {
		return t.Format(time.RFC3339)
	}
	return ""
}

// jsonError says on which line the JSON is broken.
func jsonError(data []byte, err error) error {
	offset := int64(-1)
	var syntax *json.SyntaxError
	var typ *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &typ):
		offset = typ.Offset
		err = fmt.Errorf("%s is a %s where a cloud's list has none", typ.Field, typ.Value)
	}
	if offset < 0 || offset > int64(len(data)) {
		return fmt.Errorf(": is no JSON that is understood: %w", err)
	}
	return fmt.Errorf(":%d: is no JSON that is understood: %w", 1+strings.Count(string(data[:offset]), "\n"), err)
}
