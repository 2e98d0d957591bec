package android

import (
	"bytes"
	"regexp"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

var (
	reference  = regexp.MustCompile(`&#(x?)([0-9A-Fa-f]{1,8});(?:&#(x?)([0-9A-Fa-f]{1,8});)?`)
	nodeTag    = regexp.MustCompile(`<node\s[^>]*\spassword="true"[^>]*>`)
	textInside = regexp.MustCompile(`(\s)text="[^"]*"`)
)

// legalXML repairs what devices write and XML forbids: an emoji as two
// references to halves of it, references to control characters, and bytes that
// are no UTF-8.
func legalXML(text []byte) []byte {
	text = bytes.ToValidUTF8(text, []byte(string(utf8.RuneError)))
	text = reference.ReplaceAllFunc(text, func(match []byte) []byte {
		m := reference.FindSubmatch(match)
		first := refRune(m[1], m[2])
		if len(m[4]) == 0 {
			return refText(first)
		}
		second := refRune(m[3], m[4])
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			return []byte(string(r))
		}
		return append(refText(first), refText(second)...)
	})
	return bytes.Map(func(r rune) rune {
		if !legalRune(r) {
			return utf8.RuneError
		}
		return r
	}, text)
}

func refRune(x, digits []byte) rune {
	base := 10
	if len(x) > 0 {
		base = 16
	}
	n, err := strconv.ParseUint(string(digits), base, 21)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

// refText writes a reference to a character that XML allows, else the
// character that stands for what cannot be read.
func refText(r rune) []byte {
	if !legalRune(r) {
		r = utf8.RuneError
	}
	return []byte("&#" + strconv.Itoa(int(r)) + ";")
}

// legalRune is Char of the XML specification.
func legalRune(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd || 0x10000 <= r && r <= utf8.MaxRune
}

// withoutPasswords blanks the text of password fields, which an app may show
// in clear.
func withoutPasswords(text []byte) []byte {
	return nodeTag.ReplaceAllFunc(text, func(tag []byte) []byte {
		return textInside.ReplaceAll(tag, []byte(`${1}text=""`))
	})
}
