package cli

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig/evidence"
	"github.com/spanrig/spanrig/rig/policy"
)

type verifyFlags struct {
	keys []string
	json bool
}

func newVerify(s Streams) *cobra.Command {
	var o verifyFlags
	c := &cobra.Command{
		Use:   "verify BUNDLE",
		Short: "Check a bundle and make its verdicts again",
		Long: `Check a bundle, with nothing but what is in it: every file against its digest, the
chains of journal and custody, the signatures; then make flows, facts and verdicts again
from the recording, and compare every byte. The first thing that differs is said.

By what was judged, the sealer chose. So it is said whether the policy is the one that
this program carries, and what was added to it, trusted and waived.

A key in the bundle shows only that nothing changed since somebody signed. Who that was
is shown by a key that you got from the signer another way: --key. Each key that is
given must have signed.

Exit code: 0 nothing differs, 4 something does, or cannot be read; 2 where a key that was
given cannot be read.`,
		Example: `  spanrig evidence verify run-2026-11-23.zip --key lab.pub
  spanrig evidence verify --json run-2026-11-23.zip | jq .difference`,
		Args:              bundleArgument,
		ValidArgsFunction: completeFiles,
		RunE:              func(c *cobra.Command, args []string) error { return o.run(c.Context(), s, args[0]) },
	}
	c.Flags().StringSliceVar(&o.keys, "key", nil, "public key `FILE` of who must have signed (PEM); repeatable")
	c.Flags().BoolVar(&o.json, "json", false, "print the outcome as JSON")
	return c
}

func (o *verifyFlags) run(ctx context.Context, s Streams, path string) error {
	v := evidence.VerifyOptions{Tool: "spanrig " + version()}
	for _, file := range o.keys {
		key, err := evidence.LoadPublicKey(file)
		if err != nil {
			return unreadable(err)
		}
		v.Keys = append(v.Keys, key)
	}
	bar := newProgress(s.Err, "verifying "+filepath.Base(path), readSize(path))
	v.Progress = eased(bar.update)
	found, err := evidence.Verify(ctx, path, v)
	bar.done()
	var differs *evidence.Difference
	switch {
	case err != nil && o.json && errors.As(err, &differs):
		if err := writeJSON(s.Out, outcome{Schema: 1, Difference: &difference{differs.File, differs.What}}); err != nil {
			return err
		}
		return &exit{code: exitRig}
	case err != nil:
		return &exit{exitRig, err}
	case o.json:
		return writeJSON(s.Out, outcomeOf(found, v.Keys))
	}
	return printVerified(s.Out, path, found, v.Keys)
}

// outcome is what verify --json prints.
type outcome struct {
	Schema     int           `json:"schema"`
	Verified   bool          `json:"verified"`
	Difference *difference   `json:"difference,omitempty"` // the first
	Recording  string        `json:"recording,omitempty"`
	Result     policy.Result `json:"result,omitempty"`
	Sealed     string        `json:"sealed,omitempty"`
	Tool       string        `json:"tool,omitempty"` // that sealed
	Signatures []signedBy    `json:"signatures,omitempty"`

	JudgedBy      *evidence.Grounds `json:"judged_by,omitempty"`
	ForeignReadme bool              `json:"foreign_readme,omitempty"` // README.txt is not one of this program
}

type difference struct {
	File string `json:"file"`
	What string `json:"what"`
}

type signedBy struct {
	KeyID  string `json:"key_id"`
	Sealer bool   `json:"sealer"`
	Known  bool   `json:"known"` // by a key that was given
}

func outcomeOf(v *evidence.Verified, keys []ed25519.PublicKey) outcome {
	m := v.Manifest
	o := outcome{Schema: 1, Verified: true, Recording: m.Recording.Name, Result: m.Result, Sealed: m.Sealed, Tool: m.Tool, JudgedBy: v.Grounds, ForeignReadme: !v.Readme}
	for _, s := range v.Signatures {
		o.Signatures = append(o.Signatures, signedBy{s.KeyID, s.Sealer, given(keys, s)})
	}
	return o
}

func given(keys []ed25519.PublicKey, s evidence.Signature) bool {
	return slices.ContainsFunc(keys, func(k ed25519.PublicKey) bool { return k.Equal(s.Public) })
}

func printVerified(w io.Writer, path string, v *evidence.Verified, keys []ed25519.PublicKey) error {
	t := newTerminal(w)
	m := v.Manifest
	var b strings.Builder
	fmt.Fprintf(&b, "%s: nothing differs\n", path)
	fmt.Fprintf(&b, "%d files and %d journal lines hashed, flows and verdicts made again from the recording\n", len(m.Files), m.Journal.Lines)
	fmt.Fprintf(&b, "recording %s of %s %s, sealed %s by %s\n", printable(m.Recording.Name), orNone(m.Device.Model), orNone(m.Device.Firmware), m.Sealed, printable(m.Tool))
	for _, line := range groundLines(v.Grounds, m.Tool) {
		fmt.Fprintln(&b, line)
	}
	if !v.Readme {
		fmt.Fprintf(&b, "%s is not one that this program writes: it says what who sealed wants\n", evidence.ReadmeName)
	}
	for _, s := range v.Signatures {
		fmt.Fprintf(&b, "signed by key %s%s%s\n", s.KeyID, map[bool]string{true: ", who sealed it", false: ", later"}[s.Sealer],
			map[bool]string{true: "", false: "; whose key that is was not checked, give it with --key"}[given(keys, s)])
	}
	if len(v.Signatures) == 0 {
		fmt.Fprintln(&b, "not signed: anybody may have made it")
	}
	fmt.Fprintln(&b, t.summary(v.Report, m.Judged.AcceptWaivers))
	_, err := io.WriteString(w, b.String())
	return err
}
