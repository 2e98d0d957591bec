// Package benchfile reads bench files and opens what they describe.
//
// [Load] reads one strictly: an unknown key is an error with line and column.
// [Bench.Open] takes the locks of all its devices, opens their drivers and
// gives the [Equipment] that package record works with; Equipment.Close puts
// back what was changed and lets go.
//
// Which drivers there are is a value, [Drivers], that main hands over: a lab
// copies cmd/spanrig and adds its own. A bench file holds no secrets; it names
// the environment variables that do.
package benchfile
