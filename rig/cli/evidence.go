package cli

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/spanrig/spanrig/rig"
	"github.com/spanrig/spanrig/rig/evidence"
)

func newEvidence(s Streams) *cobra.Command {
	c := &cobra.Command{
		Use:   "evidence",
		Short: "Seal a recording with its verdicts, and check what others sealed",
		Long: `Seal a recording with its verdicts into a bundle that somebody else can check: a
folder, or a zip of the same files. README.txt in it says how to check it with public
tools; verify also makes the verdicts again from the recording.`,
		Example: `  spanrig evidence seal run-2026-11-23 -o run-2026-11-23.zip
  spanrig evidence verify run-2026-11-23.zip`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newSeal(s), newVerify(s), newSign(s), newKeygen(s))
	return c
}

func newKeygen(s Streams) *cobra.Command {
	var name string
	c := &cobra.Command{
		Use:   "keygen -o NAME",
		Short: "Make a key pair to sign bundles with",
		Long: `Make an Ed25519 key pair: NAME.key, which is secret (PEM, PKCS#8), and NAME.pub, which
you give to those who check your bundles (PEM, PKIX). Nothing is overwritten.`,
		Example: `  spanrig evidence keygen -o lab-2026
  spanrig evidence seal run-2026-11-23 --key lab-2026.key -o run-2026-11-23.zip`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			public, err := evidence.GenerateKey(name)
			if err != nil {
				return &exit{exitUsage, err}
			}
			_, err = fmt.Fprintf(s.Out, "%s.key: keep it secret\n%s.pub: give it to those who check\nkey ID %s\n", name, name, evidence.KeyID(public))
			return err
		},
	}
	c.Flags().StringVarP(&name, "output", "o", "", "`NAME` of the two files")
	_ = c.MarkFlagRequired("output")
	return c
}

func newSign(s Streams) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "sign BUNDLE",
		Short: "Add a signature to a bundle",
		Long: `Add a signature to a bundle, of whoever stands for it too: a second laboratory, a
person who verified it. Nothing else in it changes. The key is that of --key, else of
the environment (` + evidence.KeyVariable + `). Verify first what you sign.`,
		Example: `  spanrig evidence verify run-2026-11-23.zip --key lab-2026.pub && spanrig evidence sign run-2026-11-23.zip --key mine.key`,
		Args:    bundleArgument,
		RunE: func(_ *cobra.Command, args []string) error {
			key, err := signingKey(s, file)
			if err != nil {
				return err
			}
			if key == nil {
				return &exit{exitUsage, errors.New("give --key FILE, or the key in " + evidence.KeyVariable)}
			}
			if err := evidence.Sign(args[0], key); err != nil {
				return bundleError(err)
			}
			_, err = fmt.Fprintf(s.Out, "%s: signed by key %s\n", args[0], keyID(key))
			return err
		},
	}
	c.Flags().StringVar(&file, "key", "", "private key `FILE` (PEM)")
	return c
}

// signingKey reads the private key of a file, else of the environment; nil
// where there is neither. That others can read the file is said.
func signingKey(s Streams, file string) (ed25519.PrivateKey, error) {
	read := evidence.EnvironmentKey
	if file != "" {
		read = func() (ed25519.PrivateKey, error) { return evidence.LoadPrivateKey(file) }
	}
	key, err := read()
	if err != nil {
		return nil, &exit{exitUsage, err}
	}
	if stat, err := os.Stat(file); err == nil && stat.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows" {
		fmt.Fprintf(s.Err, "%s: others can use this key (mode %04o); chmod 600 it\n", file, stat.Mode().Perm())
	}
	return key, nil
}

func keyID(key ed25519.PrivateKey) string {
	return evidence.KeyID(key.Public().(ed25519.PublicKey))
}

func bundleArgument(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("give one BUNDLE, a folder or a zip; have %d arguments", len(args))
	}
	return nil
}

// sealError gives an error of sealing its exit code: what is not as it was
// recorded or sealed is an error of the rig, all else input that cannot be used.
func sealError(err error) error {
	var differs *evidence.Difference
	if errors.Is(err, rig.ErrChanged) || errors.As(err, &differs) {
		return &exit{exitRig, err}
	}
	if errors.Is(err, os.ErrNotExist) {
		return unreadable(err)
	}
	return &exit{exitUsage, err}
}

// readSize is how much is read of a recording or bundle, bytes, about.
func readSize(path string) (total int64) {
	if stat, err := os.Stat(path); err != nil || !stat.IsDir() {
		return fileSize(path)
	}
	_ = filepath.WalkDir(path, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			if stat, err := d.Info(); err == nil {
				total += stat.Size()
			}
		}
		return nil // it is only shown
	})
	return total
}
