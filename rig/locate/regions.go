package locate

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed regions.csv
var regionList string

// regions maps "cloud region" to a country.
var regions = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(regionList) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		cloud, rest, _ := strings.Cut(line, ",")
		country, names, _ := strings.Cut(rest, ",")
		for name := range strings.FieldsSeq(names) {
			m[cloud+" "+name] = country
		}
	}
	return m
})

// regionCountry is the country of a cloud's region, empty where the table does
// not have it.
func regionCountry(cloud, region string) string { return regions()[cloud+" "+region] }

// awsCountry is the country of a prefix of AWS. Local and Wavelength zones
// belong to a region and yet may stand in another country (us-east-1-bue-1 is
// Buenos Aires): there the border group decides by the airport in its name, and
// an airport that the table does not have leaves the country unknown.
func awsCountry(region, border string) string {
	if border == "" || border == region {
		return regionCountry("aws", region)
	}
	zone, ok := strings.CutPrefix(border, region+"-")
	if !ok {
		return ""
	}
	for part := range strings.SplitSeq(zone, "-") {
		if country := regionCountry("aws-zone", part); country != "" {
			return country
		}
	}
	return ""
}
