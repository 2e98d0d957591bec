package controller

import (
	"bytes"
	"context"
	"encoding/xml"
	"fmt"
	"image"
	"image/png"
	"strconv"
	"strings"
	"sync"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/fake"
)

const pilot = "com.example.pilot"

// phone is a small Android device: an app with a few pages, in memory. Its
// knobs make it misbehave.
type phone struct {
	*fake.Bridge
	mu sync.Mutex

	mode     drivers.Mode
	services map[string]bool
	pid      int
	front    bool // the app is what is shown
	pages    []string
	top      int // first row that is shown
	wanted   drivers.Mode
	asks     bool // for the password
	prompt   bool // to update
	fields   map[string]string
	focus    string
	settings map[string]string
	wifi     bool
	booted   bool
	starts   int

	password   string // protects the mode
	stuck      bool   // the mode does not change
	blank      bool   // no mode is marked
	lies       bool   // switches do not move
	crashes    int    // times that the app dies when a mode is confirmed
	prompts    int    // times that a prompt comes with a page
	refuses    string // a setting that cannot be written
	full       bool   // no file can be kept
	resets     bool   // starting the app leads to its home screen
	comesBack  bool   // the app restarts when it is stopped
	unreadable int    // dumps that fail
	answers    func(text string) drivers.Output
	reboots    int
	readyErr   func(p *phone) error // why Ready fails
	afterReady func(p *phone)
}

func newPhone() *phone {
	p := &phone{Bridge: &fake.Bridge{}, mode: drivers.Standard, services: map[string]bool{"maps": true, "logs": true},
		settings: map[string]string{"global/stay_on_while_plugged_in": "0", "system/screen_off_timeout": "60000"}, wifi: true, booted: true}
	p.Programs = map[string]fake.Program{}
	for name, run := range map[string]func(argv []string) (string, string, int){
		"rm": p.rm, "mv": p.mv, "cat": p.cat, "uiautomator": p.uiautomator, "input": p.input, "monkey": p.monkey, "am": p.am, "pidof": p.pidof,
		"getprop": p.getprop, "settings": p.setting, "svc": p.svc, "ip": p.ip, "pm": p.pm, "dumpsys": p.dumpsys, "screencap": screencap,
	} {
		p.Programs[name] = func(_ context.Context, argv []string) drivers.Output {
			p.mu.Lock()
			defer p.mu.Unlock()
			stdout, stderr, code := run(argv)
			return drivers.Output{Stdout: []byte(stdout), Stderr: []byte(stderr), Code: code}
		}
	}
	return p
}

func (p *phone) rm(argv []string) (string, string, int) {
	delete(p.Files, argv[2])
	return "", "", 0
}

func (p *phone) mv(argv []string) (string, string, int) {
	if p.full {
		return "", "mv: No space left on device\n", 1
	}
	p.Files[argv[3]] = p.Files[argv[2]]
	delete(p.Files, argv[2])
	return "", "", 0
}

func (p *phone) Ready(ctx context.Context) error {
	if p.readyErr != nil {
		if err := p.readyErr(p); err != nil {
			return err
		}
	}
	if err := p.Bridge.Ready(ctx); err != nil {
		return err
	}
	if p.afterReady != nil {
		p.afterReady(p)
	}
	return nil
}

func (p *phone) Reboot(ctx context.Context) error {
	p.mu.Lock()
	p.reboots++
	p.pid, p.front = 0, false
	p.mu.Unlock()
	return p.Bridge.Reboot(ctx)
}

// row is a line of a page.
type row struct {
	text, id string
	kind     string // title, row, text, radio, switch, field, button
	on       bool
	secret   bool
	tap      func()
}

const rows, height = 9, 100 // that are shown, and of one

func (p *phone) page() []row {
	back := []row{{text: p.title(), kind: "title"}}
	switch {
	case !p.front:
		return []row{{text: "Launcher", kind: "title"}}
	case p.prompt:
		return []row{{text: "New version available", kind: "title"}, {text: "Later", kind: "button", tap: func() { p.prompt = false }}}
	case p.asks:
		return []row{{text: "Enter password", kind: "title"}, {text: "Password", id: pilot + ":id/password", kind: "field", secret: true, tap: func() { p.focus = "password" }},
			{text: "OK", kind: "button", tap: p.check}}
	case p.wanted != "":
		return []row{{text: "Really?", kind: "title"}, {text: "Confirm", kind: "button", tap: p.confirm}}
	}
	switch p.title() {
	case "Home":
		list := []row{{text: "Pilot", kind: "title"}, {text: "Data and Privacy", kind: "row", tap: func() { p.enter("Data and Privacy") }}}
		for i := range 12 {
			list = append(list, row{text: fmt.Sprintf("Filler %d", i), kind: "row"})
		}
		return append(list, row{text: "Map", kind: "row", tap: func() { p.enter("Map") }}, row{text: "Account", kind: "row", tap: func() { p.enter("Account") }})
	case "Data and Privacy":
		return append(back, row{text: "Network Security Mode", kind: "row", tap: func() { p.enter("Network Security Mode") }})
	case "Network Security Mode":
		for _, m := range []struct {
			mode drivers.Mode
			text string
		}{{drivers.Standard, "Standard Mode"}, {drivers.Restricted, "Restricted Network Mode"}, {drivers.LocalData, "Local Data Mode"}} {
			back = append(back, row{text: m.text, kind: "radio", on: p.mode == m.mode && !p.blank, tap: func() { p.wanted = m.mode }})
		}
		return append(back, row{text: "Restricted Settings", kind: "row", tap: func() { p.enter("Restricted Settings") }})
	case "Restricted Settings":
		for _, s := range []string{"maps", "logs"} {
			back = append(back, row{text: "Allow " + s, id: pilot + ":id/" + s, kind: "switch", on: p.services[s], tap: func() {
				if !p.lies {
					p.services[s] = !p.services[s]
				}
			}})
		}
		return back
	case "Account":
		return append(back, row{text: "Email", kind: "field", tap: func() { p.focus = "email" }})
	}
	return append(back, row{text: "Connected", kind: "text"})
}

func (p *phone) title() string {
	if len(p.pages) == 0 {
		return "Home"
	}
	return p.pages[len(p.pages)-1]
}

func (p *phone) enter(page string) {
	p.pages, p.top, p.focus = append(p.pages, page), 0, ""
	if p.prompts > 0 {
		p.prompts--
		p.prompt = true
	}
}

func (p *phone) confirm() {
	if p.crashes > 0 {
		p.crashes--
		p.pid, p.front, p.wanted = 0, false, ""
		return
	}
	if p.password != "" {
		p.asks, p.fields, p.focus = true, map[string]string{}, "password"
		return
	}
	p.apply()
}

func (p *phone) check() {
	if p.fields["password"] == p.password {
		p.asks = false
		p.apply()
	}
}

func (p *phone) apply() {
	if !p.stuck {
		p.mode = p.wanted
	}
	p.wanted = ""
}

// shown are the rows on the screen and where they are.
func (p *phone) shown() (list []row, places []image.Rectangle) {
	all := p.page()
	p.top = max(0, min(p.top, len(all)-1-rows))
	for i, r := range all {
		y := i
		if i > 0 {
			y -= p.top
		}
		if i == 0 || y > 0 && y <= rows {
			list = append(list, r)
			places = append(places, image.Rect(0, y*height, 1000, (y+1)*height))
		}
	}
	return list, places
}

func (p *phone) uiautomator([]string) (string, string, int) {
	if p.unreadable > 0 {
		p.unreadable--
		return "", "ERROR: could not get idle state.\n", 0
	}
	return "UI hierchary dumped to: /data/local/tmp/spanrig-window.xml\n", "", 0
}

func (p *phone) cat(argv []string) (string, string, int) {
	if !strings.HasSuffix(argv[1], ".xml") {
		return "", "cat: " + argv[1] + ": Permission denied\n", 1
	}
	pkg := pilot
	if !p.front {
		pkg = "com.example.launcher"
	}
	var b strings.Builder
	node := func(r row, class, text, id string, flags string, at image.Rectangle, inner string) string {
		return fmt.Sprintf(`<node index="0" text="%s" resource-id="%s" class="%s" package="%s" content-desc="" %s bounds="[%d,%d][%d,%d]">%s</node>`,
			escaped(text), id, class, pkg, flags, at.Min.X, at.Min.Y, at.Max.X, at.Max.Y, inner)
	}
	list, places := p.shown()
	scrolls := len(p.page()) > rows+1
	b.WriteString(`<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="0"><node text="" class="FrameLayout" package="` + pkg + `" bounds="[0,0][1000,1000]">`)
	for i, r := range list {
		at := places[i]
		switch r.kind {
		case "title", "text":
			b.WriteString(node(r, "TextView", r.text, "", `clickable="false"`, at, ""))
		case "radio": // a label, and beside it the button
			left, right := at, at
			left.Max.X, right.Min.X = 800, 800
			b.WriteString(node(r, "LinearLayout", "", "", `clickable="true"`, at, node(r, "TextView", r.text, "", `clickable="false"`, left, "")+
				node(r, "RadioButton", "", "", fmt.Sprintf(`checkable="true" checked="%t" clickable="false"`, r.on), right, "")))
		case "switch": // a row as preferences have it: the switch takes the tap
			left, right := at, at
			left.Max.X, right.Min.X = 800, 800
			label := node(r, "RelativeLayout", "", "", "", left, node(r, "TextView", r.text, r.id, `clickable="false"`, left, ""))
			b.WriteString(node(r, "LinearLayout", "", "", `clickable="false"`, at, label+node(r, "Switch", "", "", fmt.Sprintf(`checkable="true" checked="%t" clickable="true"`, r.on), right, "")))
		case "field":
			text := r.text
			if v := p.fields[p.focus]; v != "" && p.focus != "" {
				text = v
			}
			b.WriteString(node(r, "EditText", text, r.id, fmt.Sprintf(`clickable="true" password="%t"`, r.secret), at, ""))
		default:
			b.WriteString(node(r, "Button", r.text, r.id, fmt.Sprintf(`clickable="%t" scrollable="false"`, r.tap != nil), at, ""))
		}
	}
	if scrolls {
		b.WriteString(`<node text="" class="View" package="` + pkg + `" scrollable="true" bounds="[0,100][1000,1000]"/>`)
	}
	b.WriteString(`</node></hierarchy>`)
	return b.String(), "", 0
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}

func (p *phone) input(argv []string) (string, string, int) {
	number := func(i int) int { n, _ := strconv.Atoi(argv[i]); return n }
	switch argv[1] {
	case "tap":
		list, places := p.shown()
		for i, r := range list {
			at := image.Pt(number(2), number(3))
			if r.kind == "switch" && at.X < 800 {
				continue // only the switch itself takes it
			}
			if r.tap != nil && at.In(places[i]) {
				r.tap()
				break
			}
		}
	case "swipe":
		p.top += (number(3) - number(5)) / height
	case "text":
		if p.focus != "" {
			if p.fields == nil {
				p.fields = map[string]string{}
			}
			p.fields[p.focus] += strings.ReplaceAll(argv[2], "%s", " ")
		}
	case "keyevent":
		for _, key := range argv[2:] {
			p.key(key)
		}
	}
	return "", "", 0
}

func (p *phone) key(key string) {
	switch key {
	case "KEYCODE_BACK":
		if len(p.pages) == 0 {
			p.front = false
			return
		}
		p.pages, p.top = p.pages[:len(p.pages)-1], 0
	case "KEYCODE_DEL":
		if v := p.fields[p.focus]; v != "" {
			p.fields[p.focus] = v[:len(v)-1]
		}
	}
}

func (p *phone) monkey(argv []string) (string, string, int) {
	if argv[2] != pilot {
		return "", "** No activities found to run, monkey aborted.\n", 252
	}
	if p.pid == 0 {
		p.starts++
		p.pid, p.pages, p.top = 1000+p.starts, nil, 0
		p.wanted, p.asks = "", false
	}
	if p.resets {
		p.pages, p.wanted, p.asks = nil, "", false
	}
	p.front = true
	return "Events injected: 1\n", "", 0
}

func (p *phone) am([]string) (string, string, int) {
	p.pid, p.front = 0, false
	if p.comesBack {
		p.starts++
		p.pid = 1000 + p.starts
	}
	return "", "", 0
}

func (p *phone) pidof(argv []string) (string, string, int) {
	if argv[1] != pilot || p.pid == 0 {
		return "", "", 1
	}
	return strconv.Itoa(p.pid) + "\n", "", 0
}

func (p *phone) getprop(argv []string) (string, string, int) {
	booted := "0"
	if p.booted {
		booted = "1"
	}
	if len(argv) > 1 {
		return booted + "\n", "", 0
	}
	return "[ro.product.model]: [RM510B]\n[ro.boot.serialno]: [S123]\n[ro.build.display.id]: [02.01.0507]\n[sys.boot_completed]: [" + booted + "]\n", "", 0
}

func (p *phone) setting(argv []string) (string, string, int) {
	key := argv[2] + "/" + argv[3]
	switch argv[1] {
	case "put":
		if argv[3] != p.refuses {
			p.settings[key] = argv[4]
		}
	case "delete":
		delete(p.settings, key)
	default:
		if v, there := p.settings[key]; there {
			return v + "\n", "", 0
		}
		return "null\n", "", 0
	}
	return "", "", 0
}

func (p *phone) svc(argv []string) (string, string, int) {
	p.wifi = argv[2] == "enable"
	return "", "", 0
}

func (p *phone) ip(argv []string) (string, string, int) {
	line := strings.Join(argv[1:], " ")
	switch {
	case line == "-o link":
		return "1: lo: <LOOPBACK,UP> mtu 65536\n2: wlan0: <BROADCAST,UP> mtu 1500\\    link/ether 60:60:1f:00:00:01 brd ff:ff:ff:ff:ff:ff\n", "", 0
	case line == "-o addr" && p.wifi:
		return "2: wlan0    inet 10.0.0.23/24 scope global wlan0\n2: wlan0    inet6 fe80::1/64 scope link\n", "", 0
	case line == "-o addr":
		return "2: wlan0    inet6 fe80::1/64 scope link\n", "", 0
	case strings.HasPrefix(line, "route get"):
		return argv[3] + " via 10.0.0.1 dev wlan0 src 10.0.0.23 uid 2000\n    cache\n", "", 0
	case strings.HasPrefix(line, "-o -4 route"):
		return "default via 10.0.0.1 dev wlan0 table 1021 proto static\n", "", 0
	}
	return "", "", 0
}

func (p *phone) pm([]string) (string, string, int) {
	return "package:android\npackage:com.android.phone\npackage:" + pilot + "\npackage:com.example.fly\n", "", 0
}

func (p *phone) dumpsys(argv []string) (string, string, int) {
	who := pilot
	if !p.front {
		who = "com.example.launcher"
	}
	switch strings.Join(argv[1:], " ") {
	case "power":
		return "  mWakefulness=Awake\n", "", 0
	case "window displays":
		return fmt.Sprintf("  mCurrentFocus=Window{1a u0 %s/%s.Main}\n  mFocusedApp=ActivityRecord{2b u0 %s/.Main t1}\n", who, who, who), "", 0
	case "activity activities":
		return fmt.Sprintf("ACTIVITY MANAGER ACTIVITIES\n  mResumedActivity: ActivityRecord{2b u0 %s/.Main t1}\n", who), "", 0
	}
	return "Packages:\n  Package [" + pilot + "] (3c):\n    userId=10085\n    versionCode=7 minSdk=21\n    versionName=1.2.3\n", "", 0
}

func screencap([]string) (string, string, int) {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 4, 4)))
	return b.String(), "", 0
}

// ran lists the calls of a program, its arguments with spaces between them.
func (p *phone) ran(name string) (list []string) {
	for _, argv := range p.Calls() {
		if argv[0] == name {
			list = append(list, strings.Join(argv[1:], " "))
		}
	}
	return list
}
