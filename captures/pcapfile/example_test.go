package pcapfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/spanrig/spanrig/captures"
	"github.com/spanrig/spanrig/captures/pcapfile"
)

// Write a capture, then read it batch by batch.
func Example() {
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file, pcapfile.WriterOptions{Application: "example"})
	if err != nil {
		panic(err)
	}
	_, err1 := w.AddInterface(pcapfile.Interface{Name: "span0", Link: captures.LinkEthernet})
	err2 := w.WriteFrame(&captures.Frame{Time: 1_000_000_001, Length: 60, Data: make([]byte, 60)}, "the only one")
	if err := errors.Join(err1, err2, w.Flush()); err != nil {
		panic(err)
	}

	r, err := pcapfile.NewReader(&file, pcapfile.Options{})
	if err != nil {
		panic(err)
	}
	defer r.Close()
	var batch captures.Batch
	for err = r.Next(&batch); err == nil; err = r.Next(&batch) {
		for _, f := range batch.Frames {
			fmt.Printf("frame %d at %d ns, %d bytes\n", f.ID.Number(), f.Time, f.Length)
		}
	}
	fmt.Println("whole:", err == io.EOF)
	// Output:
	// frame 1 at 1000000001 ns, 60 bytes
	// whole: true
}
