package pilot

import (
	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device/screen"
)

// password is the id of the field of the dialog.
const password = "password"

// dialog is what stands in the way now; nil: nothing.
func (a *App) dialog() *screen.Dialog {
	switch {
	case a.ui.prompts:
		return a.ask("New version available", "The simulated app would like to be updated.", nil,
			button("update_later", "Later", func() { a.ui.prompts = false }),
			button("update_now", "Update", func() {}))
	case a.ui.asks:
		text := "The network security mode is protected."
		if a.ui.wrong {
			text = "That password is wrong."
		}
		return a.ask("Enter password", text, []screen.Widget{a.field(password, "Password", true)},
			button("cancel", "Cancel", a.cancelChoice), button("ok", "OK", a.checkPassword))
	case a.ui.wanted != drivers.Unknown:
		return a.ask("Change the network security mode?", "Connections that the new mode does not allow will be closed.", nil,
			button("cancel", "Cancel", a.cancelChoice), button("confirm", "Confirm", a.confirm))
	}
	return nil
}

func (a *App) ask(title, text string, fields []screen.Widget, buttons ...screen.Widget) *screen.Dialog {
	return &screen.Dialog{Title: title, Text: text, Fields: fields, Buttons: buttons}
}

func button(id, text string, tap func()) screen.Widget {
	return screen.Widget{Kind: screen.Button, ID: id, Text: text, Tap: tap}
}

func (a *App) cancelChoice() { a.ui.wanted, a.ui.asks, a.ui.wrong = drivers.Unknown, false, false }

func (a *App) confirm() {
	if a.config.Knobs.Password == "" {
		a.apply()
		return
	}
	a.ui.asks, a.ui.wrong = true, false
	a.ui.fields, a.ui.focus = map[string]string{}, password
}

func (a *App) checkPassword() {
	if a.ui.fields[password] != a.config.Knobs.Password {
		a.ui.wrong = true
		a.ui.fields[password] = ""
		return
	}
	a.apply()
}

func (a *App) apply() {
	m := a.ui.wanted
	a.cancelChoice()
	a.setMode(m)
}
