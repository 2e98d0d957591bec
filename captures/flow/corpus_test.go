package flow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// corpusDir is where real captures with ground truth are.
func corpusDir() string {
	if root := os.Getenv("CORPUS_DIR"); root != "" {
		return root
	}
	return filepath.Join("..", "..", "..", "shared", "corpus")
}

func hasCorpus() bool {
	_, err := os.Stat(corpusDir())
	return err == nil
}

// corpus returns a folder of the corpus, or skips the test where there is none.
func corpus(t testing.TB, folder string) string {
	t.Helper()
	dir := filepath.Join(corpusDir(), folder)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("no corpus of captures: %v (set CORPUS_DIR)", err)
	}
	return dir
}

// captureFiles returns the captures in the folders of the corpus, every nth.
func captureFiles(t testing.TB, nth int, folders ...string) []string {
	t.Helper()
	var files []string
	for _, folder := range folders {
		err := filepath.WalkDir(corpus(t, folder), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() && (strings.Contains(path, ".pcap") || strings.HasSuffix(path, ".trace")) {
				files = append(files, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var picked []string
	for i := 0; i < len(files); i += nth {
		picked = append(picked, files[i])
	}
	return picked
}
