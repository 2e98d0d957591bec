package locate

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// cloudFile is the union of what clouds publish; each has keys of its own.
type cloudFile struct {
	CreateDate   string `json:"createDate"`   // Amazon ip-ranges.json
	CreationTime string `json:"creationTime"` // Google cloud.json
	Prefixes     []struct {
		Amazon4 string `json:"ip_prefix"`
		Google4 string `json:"ipv4Prefix"`
		Google6 string `json:"ipv6Prefix"`
		Scope   string `json:"scope"`
		amazonPlace
	} `json:"prefixes"`
	Prefixes6 []struct {
		Amazon6 string `json:"ipv6_prefix"`
		amazonPlace
	} `json:"ipv6_prefixes"`
	Tags []struct { // Microsoft ServiceTags_Public.json
		Properties struct {
			Region   string   `json:"region"`
			Service  string   `json:"systemService"`
			Prefixes []string `json:"addressPrefixes"`
		} `json:"properties"`
	} `json:"values"`
	Fastly4    []string `json:"addresses"` // api.fastly.com/public-ip-list
	Fastly6    []string `json:"ipv6_addresses"`
	Cloudflare struct { // api.cloudflare.com/client/v4/ips
		IPv4 []string `json:"ipv4_cidrs"`
		IPv6 []string `json:"ipv6_cidrs"`
	} `json:"result"`
}

type amazonPlace struct {
	Region  string `json:"region"`
	Border  string `json:"network_border_group"` // the region, or a local zone of it
	Service string `json:"service"`
}

func (t *rangeTable) readJSON(content []byte) error {
	var f cloudFile
	if err := json.Unmarshal(content, &f); err != nil {
		return fmt.Errorf("no JSON of a cloud: %w", err)
	}
	t.built = cloudTime(f.CreateDate, f.CreationTime)
	for _, read := range [...]func(*cloudFile) error{t.addAmazon, t.addGoogle, t.addMicrosoft, t.addAnycast} {
		if err := read(&f); err != nil {
			return err
		}
	}
	if t.prefixes.Size() == 0 {
		return errors.New("JSON without prefixes; known are the files of Amazon, Google, Microsoft, Fastly and Cloudflare")
	}
	return nil
}

func cloudTime(texts ...string) string {
	for _, s := range texts {
		for _, layout := range []string{"2006-01-02-15-04-05", "2006-01-02T15:04:05.999999", time.RFC3339Nano} {
			if at, err := time.Parse(layout, s); err == nil {
				return built(at)
			}
		}
	}
	return ""
}

// globalAmazon are services whose addresses are announced from many places,
// whatever region the file names.
var globalAmazon = map[string]bool{"CLOUDFRONT": true, "GLOBALACCELERATOR": true, "ROUTE53": true}

func (t *rangeTable) addAmazon(f *cloudFile) error {
	for i := range f.Prefixes {
		if err := t.addAmazonPlace(f.Prefixes[i].Amazon4, &f.Prefixes[i].amazonPlace); err != nil {
			return err
		}
	}
	for i := range f.Prefixes6 {
		if err := t.addAmazonPlace(f.Prefixes6[i].Amazon6, &f.Prefixes6[i].amazonPlace); err != nil {
			return err
		}
	}
	return nil
}

func (t *rangeTable) addAmazonPlace(prefix string, p *amazonPlace) error {
	if prefix == "" { // of another cloud
		return nil
	}
	region := cmp.Or(p.Border, p.Region)
	return t.add(prefix, answer{
		country: amazonRegions.country(region), region: region, operator: "Amazon",
		anycast: region == "GLOBAL" || globalAmazon[p.Service],
	})
}

func (t *rangeTable) addGoogle(f *cloudFile) error {
	for i := range f.Prefixes {
		p := &f.Prefixes[i]
		for _, prefix := range []string{p.Google4, p.Google6} {
			if prefix == "" {
				continue
			}
			err := t.add(prefix, answer{country: googleRegions.country(p.Scope), region: p.Scope, operator: "Google", anycast: p.Scope == "global"})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *rangeTable) addMicrosoft(f *cloudFile) error {
	for i := range f.Tags {
		p := &f.Tags[i].Properties
		a := answer{
			country: microsoftRegions.country(p.Region), region: p.Region, operator: "Microsoft",
			anycast: strings.HasPrefix(p.Service, "AzureFrontDoor"),
		}
		for _, prefix := range p.Prefixes {
			if err := t.add(prefix, a); err != nil {
				return err
			}
		}
	}
	return nil
}

// addAnycast takes the lists of the networks that announce all from everywhere.
func (t *rangeTable) addAnycast(f *cloudFile) error {
	for _, list := range []struct {
		operator string
		prefixes []string
	}{{"Fastly", f.Fastly4}, {"Fastly", f.Fastly6}, {"Cloudflare", f.Cloudflare.IPv4}, {"Cloudflare", f.Cloudflare.IPv6}} {
		for _, prefix := range list.prefixes {
			if err := t.add(prefix, answer{operator: list.operator, anycast: true}); err != nil {
				return err
			}
		}
	}
	return nil
}
