package screen

// Page is what is on the display: a title bar, rows below it that scroll, and
// perhaps a dialog before them.
type Page struct {
	Package string // whose window it is; resource ids begin with it
	Title   string
	Bar     []Widget // at the end of the title bar, the rightmost first
	Rows    []Widget
	Dialog  *Dialog
}

// Dialog stands before a page until one of its buttons is pressed.
type Dialog struct {
	Title, Text string
	Fields      []Widget
	Buttons     []Widget
}

// Kind is what a widget looks like and how it behaves.
type Kind int

// Kinds of widgets.
const (
	Label  Kind = iota // text that nobody can press
	Button             // in a bar or a dialog
	Row                // a line that leads somewhere
	Tile               // one of several beside each other that lead somewhere
	Radio              // one of several of which one is on
	Switch
	Field // takes text; its Text is the hint
)

// Widget is one thing on a page.
type Widget struct {
	Kind   Kind
	ID     string // resource id, without the package
	Text   string
	Detail string // small print below
	On     bool   // of Radio and Switch

	Value   string // of Field
	Secret  bool   // Field shows dots
	Focused bool   // Field takes what is typed

	Tap func() // what pressing it does; nil: nothing
}

// shown is the text that an accessibility service is told.
func (w *Widget) shown() string {
	switch {
	case w.Kind != Field || w.Value == "":
		return w.Text
	case w.Secret:
		return dots(w.Value)
	}
	return w.Value
}

func dots(s string) string {
	list := make([]rune, 0, len(s))
	for range s {
		list = append(list, '•')
	}
	return string(list)
}
