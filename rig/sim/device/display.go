package device

import (
	"image"

	"github.com/spanrig/spanrig/rig/sim/device/pilot"
	"github.com/spanrig/spanrig/rig/sim/device/screen"
)

// inFront says whether the app is on the display.
func (d *device) inFront() bool {
	d.mu.Lock()
	front := d.boot.front
	d.mu.Unlock()
	return front && d.boot.app.PID() != 0
}

func (d *device) isAwake() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.boot.awake
}

func (d *device) setAwake(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.boot.awake = on
}

func (d *device) setFront(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.boot.front = on
}

// view is what is on the display, whether it is lit or not.
func (d *device) view() *screen.View {
	if d.inFront() {
		return d.boot.app.View()
	}
	return screen.Layout(d.launcherPage(), 0)
}

func (d *device) launcherPage() *screen.Page {
	p := &screen.Page{Package: launcher, Title: "RC Pro Enterprise (simulated)"}
	if !d.hasBooted() {
		p.Title = ""
		p.Rows = []screen.Widget{{Kind: screen.Label, ID: "booting", Text: "Starting"}}
		return p
	}
	p.Rows = []screen.Widget{
		{Kind: screen.Tile, ID: "pilot", Text: "DJI Pilot 2", Tap: d.launch},
		{Kind: screen.Tile, ID: "settings", Text: "Settings"},
		{Kind: screen.Tile, ID: "gallery", Text: "Gallery"},
	}
	return p
}

func (d *device) hasBooted() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.boot.done
}

// launch brings the app to the front, and starts it where it is not running.
func (d *device) launch() {
	d.boot.app.Launch()
	d.setFront(true)
}

func (d *device) tap(p image.Point) {
	switch {
	case !d.isAwake():
	case d.inFront():
		d.boot.app.Tap(p)
	default:
		if n := d.view().Hit(p); n != nil {
			n.Tap()
		}
	}
}

func (d *device) swipe(from, to image.Point) {
	if d.isAwake() && d.inFront() {
		d.boot.app.Swipe(from, to)
	}
}

func (d *device) write(text string) {
	if d.isAwake() && d.inFront() {
		d.boot.app.Type(text)
	}
}

// key presses a key by Android's name or number, without "KEYCODE_".
func (d *device) key(name string) bool {
	switch name {
	case "WAKEUP", "224":
		d.setAwake(true)
	case "SLEEP", "223":
		d.setAwake(false)
	case "POWER", "26":
		d.setAwake(!d.isAwake())
	case "HOME", "3":
		d.setFront(false)
	case "BACK", "4":
		if d.isAwake() && d.inFront() && !d.boot.app.Back() {
			d.setFront(false)
		}
	case "DEL", "67":
		if d.isAwake() && d.inFront() {
			d.boot.app.Erase()
		}
	case "MENU", "82", "MOVE_END", "123", "MOVE_HOME", "122", "ENTER", "66", "TAB", "61", "ESCAPE", "111":
	default:
		return false
	}
	return true
}

// component is what of an app is on the display, as ActivityManager prints it.
func (d *device) component() string {
	if d.inFront() {
		return pilot.Name + "/.MainActivity"
	}
	return launcher + "/.Launcher"
}
