package strict

import (
	"errors"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// located is an error about one value of a file.
type located struct {
	error
	path []any
}

func (l *located) Unwrap() error { return l.error }

// At says of an error which value of a file it is about: path is the keys
// (string) and the indices of list entries (int, from 0) that lead there. It is
// nil where err is.
func At(err error, path ...any) error {
	if err == nil {
		return nil
	}
	return &located{err, path}
}

// Locate makes a Finding of an error: line and column are those of the value
// that [At] names, or of the last key on the way that content has. Where it has
// none, or no value is named, the whole file is meant.
func Locate(file string, content []byte, err error) Finding {
	f := Finding{File: file, What: err.Error()}
	var l *located
	if !errors.As(err, &l) {
		return f
	}
	root, fault := parse(file, "file", content)
	if fault != nil {
		return f
	}
	if at := walk(root, l.path); at != nil {
		f.Line, f.Column = at.Line, at.Column
	}
	return f
}

// walk follows a path as far as it leads.
func walk(n ast.Node, path []any) (at *token.Position) {
	for _, step := range path {
		var next ast.Node
		var place *token.Position
		switch step := step.(type) {
		case string:
			next, place = valueOf(n, step)
		case int:
			next, place = entryOf(n, step)
		}
		if place == nil {
			return at
		}
		n, at = next, place
	}
	return at
}

// valueOf is the value of a key, and where it stands: a plain one itself, all
// else where its key is.
func valueOf(n ast.Node, key string) (ast.Node, *token.Position) {
	m, ok := n.(ast.MapNode)
	if !ok {
		return nil, nil
	}
	for pairs := m.MapRange(); pairs.Next(); {
		if t := pairs.Key().GetToken(); t.Value == key {
			return pairs.Value(), placeOf(pairs.Value(), t.Position)
		}
	}
	return nil, nil
}

func entryOf(n ast.Node, i int) (ast.Node, *token.Position) {
	list, ok := n.(*ast.SequenceNode)
	if !ok || i >= len(list.Values) {
		return nil, nil
	}
	entry := list.Values[i]
	if m, ok := entry.(ast.MapNode); ok {
		if pairs := m.MapRange(); pairs.Next() {
			return entry, pairs.Key().GetToken().Position
		}
	}
	return entry, entry.GetToken().Position
}

func placeOf(n ast.Node, key *token.Position) *token.Position {
	if _, plain := scalar(n); plain {
		return n.GetToken().Position
	}
	return key
}
