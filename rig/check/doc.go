// Package check answers whether a bench works before a night is spent on it:
// every device answers, the mirror (SPAN) port shows a control in both
// directions, clocks agree, there is room on the disk. [Bench] records a few
// seconds with the session that package record uses for everything else, and
// turns what its fitness lacks into findings that say what to do.
//
// With a planted flow it is the negative control: one forbidden flow is sent
// from the device and has to be seen to fail. [Qualify] measures what a SPAN
// path loses at the highest rate of the device, and leaves a certificate.
package check
