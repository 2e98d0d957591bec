// Package rig holds the words of the bench: Recording, Inventory, Window,
// Journal. It reads recordings; the packages below it make and judge them.
//
// A promise of a maker is judged on one road, and every station of it can be
// replayed from the file of the station before:
//
//	bench     benchfile    what hangs on the host: device, SPAN port, power
//	plan      plan         which windows, in which mode, under which stimulus
//	drive     drivers/...  a mode is asked for and read back: journal.jsonl
//	record    record       frames, windows, statistics: a Recording
//	flows     flow         conversations of the innermost packets
//	facts     fact         names, forms and contacts; no opinion
//	verdicts  policy       a claim, a window, a result, one sentence, the frames
//	evidence  evidence     all of it, hashed, chained and signed
//	report    report       one page from the evidence and nothing else
//
// Beside the road stand check (does a bench work?), replay (judge again), drift
// (what changed between two), sim (a bench that does not exist, behind real
// kernel interfaces), party and locate (whose an endpoint is, and where), strict
// (the files that people write), junit and cli.
//
// [Open] is the way in for a recording folder and for a bare capture. It is
// strict: what it cannot read is an error that says what to do, a journal
// whose hash chain is broken is a [ChainError], and what a journal does not
// say is never made up. Keys and kinds that are not known here are kept.
// [JournalWriter] writes a journal.
//
// Times are int64 nanoseconds since the Unix epoch by the clock of the capture
// host. What the rig never does: it sends nothing while it judges, it looks
// nothing up on the network, it takes silence for a proof only where controls
// show that the sensor worked, it changes nothing on a device that it does not
// put back, it uploads nothing, and it never says that a device complies with a
// law.
package rig
