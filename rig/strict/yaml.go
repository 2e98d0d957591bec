package strict

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits of a file. The parser recurses and is quadratic in the depth of nesting.
const (
	// MaxBytes is the largest file that is read.
	MaxBytes   = 1 << 20
	maxNesting = 16
)

// TooLarge words a file beyond MaxBytes; what is what it should have been.
func TooLarge(what string) string { return "larger than 1 MiB; is it a " + what + "?" }

// parse reads one document into its tree, or finds why not; neither where it
// holds nothing.
func parse(file, what string, content []byte) (ast.Node, *Finding) {
	if len(content) > MaxBytes {
		return nil, &Finding{File: file, What: TooLarge(what)}
	}
	tokens := lexer.Tokenize(string(content))
	if at, why := unwanted(tokens); at != nil {
		return nil, &Finding{file, at.Position.Line, at.Position.Column, why}
	}
	tree, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, syntaxFinding(file, err)
	}
	switch len(tree.Docs) {
	case 0:
		return nil, nil
	case 1:
		return tree.Docs[0].Body, nil
	}
	at := tree.Docs[1].Start.Position
	return nil, &Finding{file, at.Line, at.Column, "a second document begins; a " + what + " is one, leave the --- out"}
}

// unwanted finds the first token of what no file here needs: aliases and what
// belongs to them (a few lines of them expand without end), tags, and nesting
// beyond reason.
func unwanted(tokens token.Tokens) (at *token.Token, why string) {
	flow, entries, line := 0, 0, 0
	for _, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return t, "anchors and aliases (&, *, <<) are not taken; write the values out"
		case token.TagType:
			return t, "tags (!) are not taken; write the value plainly"
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		case token.SequenceEntryType:
			if t.Position.Line != line {
				line, entries = t.Position.Line, 0
			}
			entries++
		}
		if flow > maxNesting || entries > maxNesting || t.Position.Column > 1 && t.Prev != nil && t.Prev.Position.Line < t.Position.Line && t.Position.Column > 8*maxNesting {
			return t, "nested too deeply; look at the files that are built in"
		}
	}
	return nil, ""
}

// syntaxFinding gives the parser's error our form; its own shows the source below.
func syntaxFinding(file string, err error) *Finding {
	f := &Finding{File: file, What: strings.SplitN(err.Error(), "\n", 2)[0]}
	var at yaml.Error
	if errors.As(err, &at) {
		f.What = at.GetMessage()
		if t := at.GetToken(); t != nil && t.Position != nil {
			f.Line, f.Column = t.Position.Line, t.Position.Column
		}
	}
	f.What = fmt.Sprintf("no YAML: %s; mend the line or the one above it", f.What)
	return f
}
