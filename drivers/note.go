package drivers

// Note tells the journal of a run what a driver did, saw or changed: a kind
// and the kind's own keys, which encoding/json can print. It never fails, may
// be called from every goroutine, and holds no secrets.
type Note func(kind string, keys map[string]any)

// Silent is a Note that nobody reads.
func Silent(string, map[string]any) {}
