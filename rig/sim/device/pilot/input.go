package pilot

import (
	"image"
	"time"
	"unicode/utf8"
)

// Tap is a finger at p.
func (a *App) Tap(p image.Point) {
	a.touch(func() {
		if n := a.view().Hit(p); n != nil {
			n.Tap()
		}
	})
}

// Swipe is a finger that moves: content follows it.
func (a *App) Swipe(from, to image.Point) {
	a.touch(func() { a.ui.scroll += from.Y - to.Y })
}

// Type enters text into the field that has the focus.
func (a *App) Type(text string) {
	a.touch(func() {
		if a.ui.focus != "" {
			a.ui.fields[a.ui.focus] += text
		}
	})
}

// Erase takes the last character away.
func (a *App) Erase() {
	a.touch(func() {
		if value := a.ui.fields[a.ui.focus]; value != "" {
			_, size := utf8.DecodeLastRuneInString(value)
			a.ui.fields[a.ui.focus] = value[:len(value)-size]
		}
	})
}

// Back is the key; false where the app has nothing to go back to and leaves
// the screen.
func (a *App) Back() (stays bool) {
	a.touch(func() {
		switch {
		case a.ui.prompts:
			a.ui.prompts, stays = false, true
		case a.dialog() != nil:
			a.cancelChoice()
			stays = true
		case len(a.ui.stack) > 0:
			a.goBack()
			stays = true
		}
	})
	return stays
}

// touch does what a person does, unless there is no app to do it to.
func (a *App) touch(do func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.touched = time.Now()
	if a.proc != nil {
		do()
	}
}
