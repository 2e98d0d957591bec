package pilot

import (
	"time"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/rig/sim/device/screen"
)

// place is a screen of the app.
type place string

const (
	home     place = "home"
	privacy  place = "privacy"
	modes    place = "modes"
	settings place = "settings"
	tile     place = "tile:" // with the service's id behind it
)

// ui is what of the screens is not kept: it begins anew with each process.
type ui struct {
	stack   []place // above home
	scroll  int
	wanted  drivers.Mode // that the user chose and has to confirm
	asks    bool         // for the password
	wrong   bool         // the last one was
	prompts bool         // to update the app
	visits  int          // of the privacy screen
	fields  map[string]string
	focus   string // id of the field that takes what is typed
}

// splash is how long the app shows its name at first.
const splash = 800 * time.Millisecond

func (u *ui) at() place {
	if len(u.stack) == 0 {
		return home
	}
	return u.stack[len(u.stack)-1]
}

func (u *ui) home() { *u = ui{visits: u.visits, prompts: u.prompts} }

func (u *ui) enter(p place) {
	u.stack = append(u.stack, p)
	u.scroll, u.fields, u.focus = 0, map[string]string{}, ""
}

// View is what the app shows.
func (a *App) View() *screen.View {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.view()
}

func (a *App) view() *screen.View {
	v := screen.Layout(a.page(), a.ui.scroll)
	a.ui.scroll = v.Scroll()
	return v
}

func (a *App) page() *screen.Page {
	p := &screen.Page{Package: Name}
	switch at := a.ui.at(); {
	case a.proc == nil:
		return p
	case time.Since(a.proc.started) < a.config.Pace.Of(splash):
		p.Rows = []screen.Widget{{Kind: screen.Label, ID: "splash", Text: "Simulated stand-in for DJI Pilot 2, version " + Version}}
	case at == home:
		a.homePage(p)
	case at == privacy:
		a.privacyPage(p)
	case at == modes:
		a.modesPage(p)
	case at == settings:
		a.settingsPage(p)
	default:
		a.tilePage(p, serviceOf(string(at[len(tile):])))
	}
	p.Dialog = a.dialog()
	return p
}

func (a *App) homePage(p *screen.Page) {
	p.Title = "DJI Pilot 2 (simulated)"
	p.Bar = []screen.Widget{{Kind: screen.Button, ID: "data_privacy", Text: "Data and Privacy", Tap: a.visitPrivacy}}
	for i := range services {
		s := &services[i]
		p.Rows = append(p.Rows, screen.Widget{Kind: screen.Tile, ID: "tile_" + s.id, Text: s.tile, Tap: func() { a.visit(s) }})
	}
}

func (a *App) visitPrivacy() {
	a.ui.visits++
	a.ui.prompts = a.ui.prompts || a.config.Knobs.Updates && a.ui.visits%2 == 1
	a.ui.enter(privacy)
}

func (a *App) visit(s *service) {
	a.config.Log("ActivityTaskManager", "START u0 {cmp=%s/.%sActivity} from uid %d", Name, s.id, a.config.UID)
	a.ui.enter(tile + place(s.id))
	a.proc.open(s)
}

func (a *App) privacyPage(p *screen.Page) {
	p.Title = "Data and Privacy"
	p.Bar = a.back()
	p.Rows = []screen.Widget{
		{Kind: screen.Row, ID: "network_security_mode", Text: "Network Security Mode", Detail: "What the app may use the network for", Tap: func() { a.ui.enter(modes) }},
		{Kind: screen.Row, ID: "clear_logs", Text: "Clear Device Logs"},
		{Kind: screen.Row, ID: "security_code", Text: "Storage Security Code"},
		{Kind: screen.Label, Text: "App version " + Version},
	}
}

// modeRows are the modes in the order of the screen.
var modeRows = []struct {
	mode             drivers.Mode
	id, text, detail string
}{
	{drivers.Standard, "mode_standard", "Standard Mode", "The app uses the network without restriction"},
	{drivers.Restricted, "mode_restricted", "Restricted Network Mode", "Only the services that are switched on use the network"},
	{drivers.LocalData, "mode_local", "Local Data Mode", "The app does not use the network"},
}

func (a *App) modesPage(p *screen.Page) {
	p.Title = "Network Security Mode"
	p.Bar = a.back()
	for _, r := range modeRows {
		p.Rows = append(p.Rows, screen.Widget{Kind: screen.Radio, ID: r.id, Text: r.text, Detail: r.detail,
			On: a.state.Mode == r.mode && !a.blurred, Tap: func() { a.choose(r.mode) }})
	}
	p.Rows = append(p.Rows, screen.Widget{Kind: screen.Row, ID: "restricted_settings", Text: "Restricted Network Mode Settings", Tap: func() { a.ui.enter(settings) }})
}

func (a *App) choose(m drivers.Mode) {
	if m != a.state.Mode {
		a.ui.wanted = m
	}
}

func (a *App) settingsPage(p *screen.Page) {
	p.Title = "Restricted Network Mode Settings"
	p.Bar = a.back()
	for i := range services {
		s := &services[i]
		p.Rows = append(p.Rows, screen.Widget{Kind: screen.Switch, ID: "switch_" + s.id, Text: s.label, On: a.state.Services[s.id],
			Tap: func() { a.setService(s.id, !a.state.Services[s.id]) }})
	}
}

func (a *App) tilePage(p *screen.Page, s *service) {
	p.Title = s.tile
	p.Bar = a.back()
	if s.id == "account" {
		a.accountPage(p)
		return
	}
	text := "Connected"
	switch {
	case a.state.Mode == drivers.LocalData:
		text = "The network is not used in this mode"
	case a.state.Mode == drivers.Restricted && !a.state.Services[s.id]:
		text = "This service is switched off"
	}
	p.Rows = []screen.Widget{{Kind: screen.Label, ID: "status", Text: text}}
}

func (a *App) accountPage(p *screen.Page) {
	if a.state.Account {
		p.Rows = []screen.Widget{
			{Kind: screen.Label, ID: "status", Text: "Logged in"},
			{Kind: screen.Row, ID: "log_out", Text: "Log Out", Tap: func() { a.state.Account = false; a.save() }},
		}
		return
	}
	p.Rows = []screen.Widget{a.field("email", "Email", false), a.field("account_password", "Password", true),
		{Kind: screen.Row, ID: "log_in", Text: "Log In", Tap: a.logIn}}
}

func (a *App) field(id, hint string, secret bool) screen.Widget {
	return screen.Widget{Kind: screen.Field, ID: id, Text: hint, Secret: secret, Value: a.ui.fields[id], Focused: a.ui.focus == id,
		Tap: func() { a.ui.focus = id }}
}

// logIn asks the account service; what it says decides.
func (a *App) logIn() {
	if a.ui.fields["email"] != "" && a.ui.fields["account_password"] != "" && a.allows("account") {
		a.proc.logIn()
		a.state.Account = true
		a.save()
	}
}

func (a *App) back() []screen.Widget {
	return []screen.Widget{{Kind: screen.Button, ID: "back", Text: "Back", Tap: a.goBack}}
}

func (a *App) goBack() {
	if n := len(a.ui.stack); n > 0 {
		a.ui.stack = a.ui.stack[:n-1]
		a.ui.scroll, a.ui.focus = 0, ""
		a.proc.screen()
	}
}
