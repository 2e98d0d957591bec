package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// shape holds a tree against the type that it will be decoded into, and notes
// everything that does not fit, where the decoder would stop at the first.
type shape struct {
	file     string
	findings []Finding
}

func (s *shape) fault(n ast.Node, format string, args ...any) {
	at := n.GetToken().Position
	s.findings = append(s.findings, Finding{s.file, at.Line, at.Column, fmt.Sprintf(format, args...)})
}

var textType = reflect.TypeFor[text]()

// check notes what in n is not of type t; where names it.
func (s *shape) check(n ast.Node, t reflect.Type, where string) {
	if _, null := n.(*ast.NullNode); null {
		return // a key without a value: as if it were left out
	}
	switch {
	case t == textType:
		if _, ok := scalar(n); !ok {
			s.fault(n, "%s takes plain text; write one value", where)
		}
	case t.Kind() == reflect.Struct:
		s.checkMapping(n, t, where)
	case t.Kind() == reflect.Slice:
		s.checkList(n, t, where)
	case t.Kind() == reflect.Bool && n.Type() != ast.BoolType:
		s.fault(n, "%s is true or false; write one of them", where)
	case t.Kind() == reflect.Int && n.Type() != ast.IntegerType:
		s.fault(n, "%s takes a number; write one", where)
	}
}

func (s *shape) checkMapping(n ast.Node, t reflect.Type, where string) {
	m, ok := n.(ast.MapNode)
	if !ok {
		s.fault(n, "%s takes keys and values; write some of %s", where, strings.Join(keysOf(t), ", "))
		return
	}
	for pairs := m.MapRange(); pairs.Next(); {
		key := pairs.Key()
		name := key.GetToken().Value
		i := slices.Index(keysOf(t), name)
		if i < 0 {
			s.fault(key, "unknown key %q; %s takes %s", name, where, strings.Join(keysOf(t), ", "))
			continue
		}
		s.check(pairs.Value(), t.Field(i).Type, name)
	}
}

func (s *shape) checkList(n ast.Node, t reflect.Type, where string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		s.fault(n, "%s takes a list; begin each entry with -", where)
		return
	}
	for _, entry := range list.Values {
		if text, plain := scalar(entry); entry.Type() == ast.NullType || plain && text == "" {
			s.fault(entry, "an entry of %s is empty; leave it out", where)
			continue
		}
		s.check(entry, t.Elem(), "an entry of "+where)
	}
}

// keysOf lists the keys of a struct, in the order of its fields.
func keysOf(t reflect.Type) []string {
	keys := make([]string, t.NumField())
	for i := range keys {
		keys[i] = t.Field(i).Tag.Get("yaml")
	}
	return keys
}

// scalar returns a value as it stands: a version is no number.
func scalar(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return n.GetToken().Value, true
	}
	return "", false
}
