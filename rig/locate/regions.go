package locate

import "strings"

// regionTable maps regions of a cloud to countries: by name, or by the name
// without its number, where all numbers are in one country. A region that is
// not here has no country, which leaves the judge inconclusive and never wrong.
type regionTable map[string]string

func (t regionTable) country(region string) string {
	region = strings.ToLower(region)
	if c, ok := t[region]; ok {
		return c
	}
	return t[strings.TrimRight(region, "0123456789")]
}

// regionsOf makes a table from lists of regions by country.
func regionsOf(lists map[string]string) regionTable {
	t := regionTable{}
	for country, regions := range lists {
		for _, region := range strings.Fields(regions) {
			t[region] = country
		}
	}
	return t
}

// amazonRegions are network border groups: a region, or a local zone, which
// may lie in another country than the region that it belongs to.
// Source: docs.aws.amazon.com, "AWS Regions" and "AWS Local Zones".
var amazonRegions = regionsOf(map[string]string{
	"US": `us-east- us-west- us-gov-east- us-gov-west- us-iso-east- us-iso-west- us-isob-east- us-isof-east- us-isof-south-
		us-east-1-atl- us-east-1-bos- us-east-1-chi- us-east-1-dfw- us-east-1-iah- us-east-1-mci- us-east-1-mia- us-east-1-msp-
		us-east-1-nyc- us-east-1-phl- us-west-2-den- us-west-2-hnl- us-west-2-las- us-west-2-lax- us-west-2-pdx- us-west-2-phx- us-west-2-sea-`,
	"AR": "us-east-1-bue-", "CL": "us-east-1-scl- sa-west-1", "PE": "us-east-1-lim-", "MX": "us-east-1-qro- mx-central-", "BR": "sa-east-1",
	"CA": "ca-central- ca-west-", "IE": "eu-west-1", "GB": "eu-west-2", "FR": "eu-west-3", "DE": "eu-central-1 eusc-de-east-",
	"CH": "eu-central-2", "SE": "eu-north-1", "IT": "eu-south-1", "ES": "eu-south-2", "JP": "ap-northeast-1 ap-northeast-3",
	"KR": "ap-northeast-2", "SG": "ap-southeast-1", "AU": "ap-southeast-2 ap-southeast-4", "ID": "ap-southeast-3", "MY": "ap-southeast-5",
	"NZ": "ap-southeast-6", "TH": "ap-southeast-7", "IN": "ap-south-1 ap-south-2", "HK": "ap-east-1", "TW": "ap-east-2", "BH": "me-south-1",
	"AE": "me-central-1", "IL": "il-central-1", "ZA": "af-south-1", "CN": "cn-north- cn-northwest-",
})

// googleRegions: cloud.google.com, "Regions and zones".
var googleRegions = regionsOf(map[string]string{
	"US": "us-central us-east us-west us-south", "CA": "northamerica-northeast", "MX": "northamerica-south1", "BR": "southamerica-east1",
	"CL": "southamerica-west1", "BE": "europe-west1", "GB": "europe-west2", "DE": "europe-west3 europe-west10", "NL": "europe-west4",
	"CH": "europe-west6", "IT": "europe-west8 europe-west12", "FR": "europe-west9", "PL": "europe-central2", "FI": "europe-north1",
	"SE": "europe-north2", "ES": "europe-southwest1", "TW": "asia-east1", "HK": "asia-east2", "JP": "asia-northeast1 asia-northeast2",
	"KR": "asia-northeast3", "IN": "asia-south1 asia-south2", "SG": "asia-southeast1", "ID": "asia-southeast2", "TH": "asia-southeast3",
	"AU": "australia-southeast1 australia-southeast2", "IL": "me-west1", "QA": "me-central1", "SA": "me-central2", "ZA": "africa-south1",
})

// microsoftRegions: learn.microsoft.com, "Azure regions", and the shorter names
// that stand in the service tags.
var microsoftRegions = regionsOf(map[string]string{
	"US": "eastus westus centralus northcentralus southcentralus westcentralus usgovvirginia usgovtexas usgovarizona usgoviowa usdodcentral usdodeast",
	"CA": "canadacentral canadaeast", "MX": "mexicocentral", "BR": "brazilsouth brazilsoutheast brazilse", "CL": "chilecentral chilec",
	"IE": "northeurope", "NL": "westeurope", "GB": "uksouth ukwest uknorth", "FR": "francecentral francesouth centralfrance southfrance",
	"DE": "germanywestcentral germanynorth germanywc germanyn", "CH": "switzerlandnorth switzerlandwest switzerlandn switzerlandw",
	"NO": "norwayeast norwaywest norwaye norwayw", "SE": "swedencentral swedensouth", "PL": "polandcentral", "IT": "italynorth",
	"ES": "spaincentral", "AT": "austriaeast", "BE": "belgiumcentral", "DK": "denmarkeast", "HK": "eastasia", "SG": "southeastasia",
	"JP": "japaneast japanwest", "KR": "koreacentral koreasouth", "MY": "malaysiawest malaysiasouth", "ID": "indonesiacentral",
	"TW": "taiwannorth taiwannorthwest", "IN": "centralindia southindia westindia jioindiacentral jioindiawest", "NZ": "newzealandnorth",
	"AU": "australiaeast australiasoutheast australiacentral", "AE": "uaenorth uaecentral", "QA": "qatarcentral", "IL": "israelcentral",
	"SA": "saudiarabiaeast", "ZA": "southafricanorth southafricawest", "CN": "chinaeast chinanorth",
})
