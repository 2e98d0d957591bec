package casebook

// residency: GEO-1 and GEO-2.
func residency() []Case { return nil }
