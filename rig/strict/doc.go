// Package strict reads YAML files that people write: policies, benches, mode
// scripts, plans. [Decode] fills a struct and finds everything in the file that
// does not fit it, each with line and column, where other decoders stop at the
// first or let an unknown key pass. What a package finds afterwards gets its
// place from [At] and [Locate].
//
// Struct fields carry the tag yaml:"key". They are of kind string, bool, int,
// float64, of type [Text] (a scalar with its place) or time.Duration ("90s"),
// or structs, slices and maps of these, or pointers to them, which stay nil
// where the key is absent. A scalar is taken as it stands: a version is no
// number. Anchors, aliases, tags, a second document and deep nesting are
// refused, for none of these files needs them and some of them expand without end.
package strict
