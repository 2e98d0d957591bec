package evidence

import "slices"

// readmes are the digests of all texts that releases gave to bundles, the newest
// last: a bundle keeps the one that it was sealed with.
var readmes = []string{"a819c4b03a87307f4176e7af2e87b7d8ea5c515b7fbd26473e9aa22845bf9a02"}

// ourReadme reports whether a release of this program, as far as this one knows,
// gave that text to bundles.
func ourReadme(text []byte) bool { return slices.Contains(readmes, digestOf(text).sha256) }

// readme is README.txt of every bundle. Its text belongs to the schema.
const readme = `This is an evidence bundle of spanrig (https://github.com/spanrig/spanrig):
recorded traffic of a device, how it was recorded, and the verdicts on the
promises of its maker. A zip and a folder of the same files are the same bundle.

  recording/NAME/     the recording, byte by byte: captures (open them in
                      Wireshark), windows, inventory, journal, screenshots
  verdicts.json       the verdicts; what "spanrig judge --json" prints
  flows.jsonl         the flows, one a line: who, when, how much, which names,
                      TLS, whose it is and where
  policy/             the promises, with who made them, and the lists of endpoints
  places.jsonl        what the location databases said of each address
  baseline/           what the device's system says by itself, if that was given
  custody.jsonl       who did what when
  manifest.json       every file with its SHA-256, and by what was judged
  SHA256SUMS          the same digests for sha256sum
  attestation.json    DSSE envelope (https://github.com/secure-systems-lab/dsse) with
                      an in-toto Statement (https://in-toto.io), type test-result
  keys/ID.pem         public keys of the signatures, named by their key IDs; no
                      keys: the bundle is not signed

Check all of it, and make the verdicts again from the recording:

  spanrig evidence verify --key SIGNER.pub BUNDLE

A key in the bundle only shows that nothing changed since somebody signed. Who
that was is shown by a key that you got from the signer another way: SIGNER.pub.

The same with public tools, in the folder (unzip a zip first):

1. Files:

  sha256sum -c SHA256SUMS

2. Signature, with OpenSSL 3 and jq; ID is the name of the signer's key in keys/:

  jq -r .payload attestation.json | base64 -d >payload
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c <payload)"; cat payload; } >signed
  jq -r '.signatures[] | select(.keyid == "ID") | .sig' attestation.json | base64 -d >signature
  openssl pkeyutl -verify -pubin -inkey SIGNER.pub -rawin -in signed -sigfile signature

   The key ID of in-toto's libraries, which is the ID of a key:

  hex=$(openssl pkey -pubin -in SIGNER.pub -outform DER | tail -c 32 | od -An -v -tx1 | tr -d ' \n')
  printf '{"keyid_hash_algorithms":["sha256","sha512"],"keytype":"ed25519","keyval":{"public":"%s"},"scheme":"ed25519"}' "$hex" | sha256sum

3. That the signature is about these files: the statement has the digest of
   manifest.json, which has those of all files.

  jq -r '.subject[] | select(.name == "manifest.json") | .digest.sha256' payload
  sha256sum manifest.json

4. Journal: "prev" of each line is the SHA-256 of the line before without its
   newline; manifest.json has that of the last line. So has custody.jsonl.

The statement's "result" is PASSED where every verdict is pass; WARNED where, beside
these, only fails are left that a waiver covers and the sealer accepted; FAILED
for all else: fail, error, and inconclusive, for silence that nobody could hear is
no pass. The exact result is beside it, under
"https://github.com/spanrig/spanrig/verdicts/v1".

Nothing here says that a device complies with a law. A mirror (SPAN) port does not
see the radio link to an aircraft nor that aircraft's own modem.
`
