// Package evidence seals a recording with its verdicts into a bundle that
// somebody else can check, and checks one.
//
// Call [Seal] once a recording is whole, [Verify] before a bundle is believed,
// and [Open] to read one, which checks its seal, then [Bundle.Intact] before any of
// it is shown or signed. A bundle is a folder, or a zip of the same files:
//
//	recording/NAME/...      the recording, byte by byte
//	README.txt              what this is and how to check it with public tools
//	baseline/FILE           system baseline, where there is one
//	custody.jsonl           who did what when; each line holds the SHA-256 of the one before
//	flows.jsonl             flows with facts (contract section 3) and what the judgement took them for
//	places.jsonl            the records of the databases that were looked up
//	policy/N/FILE           the files of the policy, in the order in which they are read
//	verdicts.json           what spanrig judge --json prints
//	SHA256SUMS              for sha256sum -c
//	attestation.json        DSSE envelope with an in-toto Statement, signed or not
//	keys/ID.pem             public keys of the signatures
//	manifest.json           every file with its SHA-256, and by what was judged
//
// All that a bundle says follows from the recording, the policy's files, the
// baseline, the places and the flags in the manifest, so that Verify makes it
// again from these and compares every byte. JSON is in the form of RFC 8785,
// the zip in the one form that its files have. What cannot be made again is
// what the people and the rig said: it is hashed, chained and signed. By what
// was judged, the sealer chose: [Grounds] names it, and whether the policy is one
// that this program carries.
//
// attestation.json is there whether or not the bundle is signed: manifest,
// SHA256SUMS and statement each hold or are the digest of the manifest, so that
// where one of the three was changed it can be told which. The statement maps
// verdicts to the three results of the predicate test-result: PASSED where all
// are pass; WARNED where beside these only fails are left that a waiver covers
// and the sealer accepted; FAILED for all else, also for inconclusive and error,
// since a gate that lets a warning through must not let silence through that
// nobody could hear. The exact result stands beside it, under [Extension].
//
// Keys have the IDs that in-toto's libraries give them ([KeyID]). A key in the
// bundle shows that nothing changed since somebody signed; whose it is, only a
// key shows that came another way.
//
// Memory: of other stations' flows little is kept (replay.Some); of the device's
// all facts are, as for judging.
//
// Signatures are Ed25519 (RFC 8032), times RFC 3339 in UTC, digests lower-case
// hex.
package evidence
