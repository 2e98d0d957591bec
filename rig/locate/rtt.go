package locate

import (
	"math"
	"time"
)

// kmPerMillisecond is how far away an answer can come from for each
// millisecond of round trip: light in fibre goes 200 km a millisecond, there
// and back.
const kmPerMillisecond = 100

// point is a place on the globe, in degrees.
type point struct{ lat, lon float64 }

// abroad holds, for countries where labs stand, where they come nearest to the
// mainland of another continent: home here, there on the other side. A lab says
// only its country and may stand at home, so this distance is the least.
var abroad = map[string]struct{ home, there point }{
	"DE": {point{47.3, 10.2}, point{37.3, 9.9}},    // Oberstdorf, Bizerte
	"GB": {point{50.0, -5.2}, point{35.8, -5.8}},   // the Lizard, Tangier
	"US": {point{24.6, -81.8}, point{11.0, -74.8}}, // Key West, Barranquilla; Alaska and islands overseas apart
}

// Supports reports whether a round trip of rtt, seen from a vantage in a
// country, supports a database that places the endpoint in country (both ISO
// 3166-1 alpha-2). It does where the vantage is in that country and another
// continent is out of reach. Time bounds distance and tells no border; but
// where databases err, they err by continents, for they place rented and
// anycast addresses at their owner's home. No other vantage than those of the
// table supports anything.
func Supports(country, vantage string, rtt time.Duration) bool {
	way, known := abroad[vantage]
	reach := kmPerMillisecond * float64(rtt) / float64(time.Millisecond)
	return known && country == vantage && rtt > 0 && reach < distance(way.home, way.there)
}

// distance is the great circle between two points, in km.
func distance(a, b point) float64 {
	const earthRadius, degree = 6371, math.Pi / 180
	sinLat := math.Sin((b.lat - a.lat) / 2 * degree)
	sinLon := math.Sin((b.lon - a.lon) / 2 * degree)
	h := sinLat*sinLat + math.Cos(a.lat*degree)*math.Cos(b.lat*degree)*sinLon*sinLon
	return 2 * earthRadius * math.Asin(math.Sqrt(h))
}
