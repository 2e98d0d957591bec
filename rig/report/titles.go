package report

// CheckTitle says a proof of the sensor, such as CAP-1, in plain words; empty
// for any other claim.
func CheckTitle(claim string) string {
	for _, t := range checkTitles {
		if t[0] == claim {
			return t[1]
		}
	}
	return ""
}

// WebLink is the address of a claim's source on the web; empty for any other
// source.
func WebLink(source string) string { return webLink(source) }
