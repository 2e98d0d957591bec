// Package report makes a page from an evidence bundle: one self-contained HTML
// file that a firmware vendor, a customer's security team or an authority can
// read without this program.
//
// [Write] is all there is to call. It reads the bundle and nothing else, so
// that the page cannot say more than the evidence holds; only whether the
// bundle's policy is the shipped one follows from the program that makes the
// page. It walks the flows once, twice where the rig was killed, and keeps sums
// of them, so that its memory does not grow with the recording; what it cuts from a table it counts, and says how to see the rest.
//
// The page loads nothing and runs nothing: its content security policy allows
// the style in its head and images in its text. Drawings are SVG, made here,
// each with a text alternative. Everything that came from the wire or from a
// file of the bundle is hostile text: it passes html/template in its context,
// and before that a filter for characters that turn or hide text (clean.go).
// Screenshots are decoded and encoded again, never passed through.
//
// The page says what was promised, what was seen and what cannot be seen. It
// never says that a device complies with a law.
package report
