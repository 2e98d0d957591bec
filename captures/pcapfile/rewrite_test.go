package pcapfile

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"
)

// TestRewriteCopies wants every file of the generator byte for byte.
func TestRewriteCopies(t *testing.T) {
	for _, path := range corpus(t, "pcapng-generator") {
		file := readFile(t, path)
		var same bytes.Buffer
		if err := Rewrite(&same, bytes.NewReader(file), nil); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(same.Bytes(), file) {
			t.Errorf("%s: the copy differs", path)
		}
	}
}

// TestRewriteComments adds comments to one frame and drops another; all other
// blocks stay as they are.
func TestRewriteComments(t *testing.T) {
	for name, o := range orders {
		t.Run(name, func(t *testing.T) {
			ours := option(o, 5, []byte("own")) // to be kept
			want := slices.Concat(ours, option(o, optComment, []byte("why")), option(o, optComment, []byte("and how")), option(o, optEnd, nil))
			secrets, foreign := block(o, DecryptionSecrets, []byte("secrets!")), block(o, 0x8000_0001, []byte{1, 2, 3})
			head := slices.Concat(sectionBlock(o), interfaceBlock(o, 1, 0), secrets, foreign)
			var got bytes.Buffer
			file := slices.Concat(head,
				enhancedBlock(o, 0, 7, 9, []byte("a"), ours), block(o, Custom, make([]byte, 4)),
				enhancedBlock(o, 0, 8, 1, []byte("b")), simpleBlock(o, 1, []byte("c")))
			err := Rewrite(&got, bytes.NewReader(file), func(number uint64) (bool, []string) {
				if number == 1 {
					return true, []string{"why", "and how"}
				}
				return number != 3, nil
			})
			if err != nil {
				t.Fatal(err)
			}
			expected := slices.Concat(head, enhancedBlock(o, 0, 7, 9, []byte("a"), want),
				block(o, Custom, make([]byte, 4)), simpleBlock(o, 1, []byte("c")))
			if !bytes.Equal(got.Bytes(), expected) {
				t.Errorf("got  %x\nwant %x", got.Bytes(), expected)
			}
			if frames, _ := readWhole(t, got.Bytes()); len(frames) != 2 {
				t.Errorf("%d frames, want 2", len(frames))
			}
		})
	}
}

func TestRewriteErrors(t *testing.T) {
	o := binary.LittleEndian
	head := append(sectionBlock(o), interfaceBlock(o, 1, 0)...)
	for _, test := range []struct {
		name string
		file []byte
		want string
	}{
		{"cut", append(bytes.Clone(head), 6, 0), "block cut after 2 of 12 bytes at byte 48"},
		{"simple packet", slices.Concat(head, simpleBlock(o, 1, []byte("c"))), "frame at byte 48: SPB holds no comments"},
		{"options", slices.Concat(head, enhancedBlock(o, 0, 0, 1, []byte("c"), make([]byte, 1), []byte{1, 0, 9, 0})), "frame at byte 48: EPB: option"},
		{"pcap", smallFiles()["pcap"].file, "not a capture that has blocks: starts with a1b2c3d4; expected pcapng"},
	} {
		err := Rewrite(io.Discard, bytes.NewReader(test.file), func(uint64) (bool, []string) { return true, []string{"x"} })
		if err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: %v\nwant %s", test.name, err, test.want)
		}
	}
}
