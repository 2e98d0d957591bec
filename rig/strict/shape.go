package strict

import (
	"fmt"
	"iter"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// Decode reads content, which should be a what ("policy"), into a new T, a
// struct. It returns the value or all that does not fit, never both. file is
// the base name that findings carry.
func Decode[T any](file, what string, content []byte) (*T, []Finding) {
	root, fault := parse(file, what, content)
	if fault != nil {
		return nil, []Finding{*fault}
	}
	if root == nil {
		return nil, []Finding{{file, 1, 1, "holds nothing; see the built-in ones for what a " + what + " takes"}}
	}
	v := new(T)
	s := shape{file: file}
	if s.fill(root, reflect.ValueOf(v).Elem(), "a "+what); len(s.findings) > 0 {
		return nil, s.findings
	}
	return v, nil
}

// shape fills a value from a tree and notes everything that does not fit.
type shape struct {
	file     string
	findings []Finding
}

func (s *shape) fault(n ast.Node, format string, args ...any) {
	at := n.GetToken().Position
	s.findings = append(s.findings, Finding{s.file, at.Line, at.Column, fmt.Sprintf(format, args...)})
}

var (
	textType     = reflect.TypeFor[Text]()
	durationType = reflect.TypeFor[time.Duration]()
)

// fill sets v to what n says; where names it.
func (s *shape) fill(n ast.Node, v reflect.Value, where string) {
	if _, null := n.(*ast.NullNode); null {
		return // a key without a value: as if it were left out
	}
	t := v.Type()
	switch kind := t.Kind(); {
	case kind == reflect.Pointer:
		inner := reflect.New(t.Elem())
		s.fill(n, inner.Elem(), where)
		v.Set(inner)
	case t == textType, t == durationType, kind != reflect.Struct && kind != reflect.Slice && kind != reflect.Map:
		s.fillScalar(n, v, where)
	case kind == reflect.Struct:
		s.fillStruct(n, v, where)
	case kind == reflect.Slice:
		s.fillList(n, v, where)
	default:
		s.fillMap(n, v, where)
	}
}

func (s *shape) fillScalar(n ast.Node, v reflect.Value, where string) {
	text, plain := scalar(n)
	at := n.GetToken().Position
	switch {
	case v.Type() == textType && plain:
		v.Set(reflect.ValueOf(Text{text, at.Line, at.Column}))
	case v.Type() == textType:
		s.fault(n, "%s takes plain text; write one value", where)
	case v.Type() == durationType:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			s.fault(n, "%s takes a time; write one such as 500ms, 90s or 70m", where)
			return
		}
		v.SetInt(int64(d))
	default:
		s.fillKind(n, v, text, plain, where)
	}
}

func (s *shape) fillKind(n ast.Node, v reflect.Value, text string, plain bool, where string) {
	switch v.Kind() {
	case reflect.String:
		if !plain {
			s.fault(n, "%s takes plain text; write one value", where)
		}
		v.SetString(text)
	case reflect.Bool:
		if n.Type() != ast.BoolType {
			s.fault(n, "%s is true or false; write one of them", where)
		}
		v.SetBool(text == "true")
	case reflect.Int:
		i, err := strconv.Atoi(text)
		if n.Type() != ast.IntegerType || err != nil {
			s.fault(n, "%s takes a number; write one", where)
		}
		v.SetInt(int64(i))
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) { // every bound would let NaN pass
			s.fault(n, "%s takes a number; write one", where)
		}
		v.SetFloat(f)
	default:
		panic("strict: no " + v.Kind().String() + " in a file")
	}
}

func (s *shape) fillStruct(n ast.Node, v reflect.Value, where string) {
	t := v.Type()
	m, ok := n.(ast.MapNode)
	if !ok {
		s.fault(n, "%s takes keys and values; write some of %s", where, strings.Join(keysOf(t), ", "))
		return
	}
	for pairs := m.MapRange(); pairs.Next(); {
		key := pairs.Key()
		name := key.GetToken().Value
		f, known := fieldOf(t, name)
		if !known {
			s.fault(key, "unknown key %q; %s takes %s", name, where, strings.Join(keysOf(t), ", "))
			continue
		}
		s.fill(pairs.Value(), v.FieldByIndex(f.Index), name)
	}
}

func (s *shape) fillMap(n ast.Node, v reflect.Value, where string) {
	m, ok := n.(ast.MapNode)
	if !ok {
		s.fault(n, "%s takes names with values; write them as NAME: VALUE", where)
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for pairs := m.MapRange(); pairs.Next(); {
		name := pairs.Key().GetToken().Value
		value := reflect.New(v.Type().Elem()).Elem()
		s.fill(pairs.Value(), value, where+" "+name)
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), value)
	}
}

func (s *shape) fillList(n ast.Node, v reflect.Value, where string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		s.fault(n, "%s takes a list; begin each entry with -", where)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values)))
	for i, entry := range list.Values {
		if text, plain := scalar(entry); entry.Type() == ast.NullType || plain && text == "" {
			s.fault(entry, "an entry of %s is empty; leave it out", where)
			continue
		}
		s.fill(entry, v.Index(i), "an entry of "+where)
	}
}

// keysOf lists the keys of a struct, in the order of its fields; a field with
// the tag "-" has none.
func keysOf(t reflect.Type) []string {
	var keys []string
	for f := range fields(t) {
		keys = append(keys, f.Tag.Get("yaml"))
	}
	return keys
}

func fieldOf(t reflect.Type, key string) (reflect.StructField, bool) {
	for f := range fields(t) {
		if f.Tag.Get("yaml") == key {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

func fields(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if f := t.Field(i); f.Tag.Get("yaml") != "-" && !yield(f) {
				return
			}
		}
	}
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
