package adbd

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	errIsFolder = errors.New("is a directory")
	errNotEmpty = errors.New("directory not empty")
)

// Tree keeps Files in memory. Make one with NewTree.
type Tree struct {
	mu    sync.Mutex
	nodes map[string]*node
	now   func() time.Time
}

// node is a file, or a folder where it is one.
type node struct {
	name     string
	mode     fs.FileMode
	modified time.Time
	content  []byte
	made     func() []byte // content that is made when it is read; nil: content
}

// NewTree makes an empty tree with the folders that adb users expect. Files
// take their times from now; nil is the host's clock.
func NewTree(now func() time.Time) *Tree {
	if now == nil {
		now = time.Now
	}
	t := &Tree{nodes: map[string]*node{}, now: now}
	for _, dir := range []string{"/data/local/tmp", "/sdcard", "/proc/net", "/dev", "/system/bin"} {
		t.makeDirs(dir)
	}
	return t
}

// Put makes a file with a content, and the folders above it.
func (t *Tree) Put(file string, content []byte) {
	t.put(&node{name: clean(file), mode: 0o644, content: content})
}

// PutFunc makes a file whose content is made each time that it is read, as
// those of /proc are.
func (t *Tree) PutFunc(file string, made func() []byte) {
	t.put(&node{name: clean(file), mode: 0o444, made: made})
}

func (t *Tree) put(n *node) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.makeDirs(path.Dir(n.name))
	n.modified = t.now()
	t.nodes[n.name] = n
}

// makeDirs makes a folder and those above it; t is locked or not yet shared.
func (t *Tree) makeDirs(dir string) {
	for ; t.nodes[dir] == nil; dir = path.Dir(dir) {
		t.nodes[dir] = &node{name: dir, mode: fs.ModeDir | 0o771, modified: t.now()}
		if dir == "/" {
			return
		}
	}
}

func (t *Tree) find(op, file string) (*node, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := t.nodes[clean(file)]
	if n == nil {
		return nil, &fs.PathError{Op: op, Path: file, Err: fs.ErrNotExist}
	}
	return n, nil
}

// Stat implements [Files].
func (t *Tree) Stat(file string) (fs.FileInfo, error) {
	n, err := t.find("stat", file)
	if err != nil {
		return nil, err
	}
	return nodeStat{n}, nil
}

// ReadDir implements [Files].
func (t *Tree) ReadDir(dir string) ([]fs.DirEntry, error) {
	n, err := t.find("readdir", dir)
	if err != nil {
		return nil, err
	}
	if !n.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: dir, Err: errors.New("not a directory")}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var entries []fs.DirEntry
	for name, child := range t.nodes {
		if name != n.name && path.Dir(name) == n.name {
			entries = append(entries, fs.FileInfoToDirEntry(nodeStat{child}))
		}
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// Open implements [Files].
func (t *Tree) Open(file string) (io.ReadCloser, error) {
	n, err := t.find("open", file)
	if err != nil {
		return nil, err
	}
	if n.mode.IsDir() {
		return nil, &fs.PathError{Op: "open", Path: file, Err: errIsFolder}
	}
	content := n.content
	if n.made != nil {
		content = n.made()
	}
	return io.NopCloser(bytes.NewReader(content)), nil
}

// Create implements [Files]; the file is there once it has been closed.
func (t *Tree) Create(file string, perm fs.FileMode) (io.WriteCloser, error) {
	if n, err := t.find("create", file); err == nil && n.mode.IsDir() {
		return nil, &fs.PathError{Op: "create", Path: file, Err: errIsFolder}
	}
	return &newFile{tree: t, node: node{name: clean(file), mode: perm.Perm()}}, nil
}

// Remove implements [Files].
func (t *Tree) Remove(file string) error {
	n, err := t.find("remove", file)
	if err != nil {
		return err
	}
	if entries, _ := t.ReadDir(n.name); len(entries) > 0 {
		return &fs.PathError{Op: "remove", Path: file, Err: errNotEmpty}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.nodes, n.name)
	return nil
}

// newFile gathers what is written.
type newFile struct {
	tree *Tree
	node node
}

func (f *newFile) Write(p []byte) (int, error) {
	f.node.content = append(f.node.content, p...)
	return len(p), nil
}

func (f *newFile) Close() error {
	n := f.node
	f.tree.put(&n)
	return nil
}

// nodeStat shows a node as the standard library does.
type nodeStat struct{ n *node }

func (i nodeStat) Name() string       { return path.Base(i.n.name) }
func (i nodeStat) Size() int64        { return int64(len(i.n.content)) }
func (i nodeStat) Mode() fs.FileMode  { return i.n.mode }
func (i nodeStat) ModTime() time.Time { return i.n.modified }
func (i nodeStat) IsDir() bool        { return i.n.mode.IsDir() }
func (i nodeStat) Sys() any           { return nil }
