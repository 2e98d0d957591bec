package benchfile

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/controller"
	"github.com/spanrig/spanrig/drivers/fake"
)

// TestInspect: where adb cannot read the device's MAC address the one of the
// file counts, and a bench that keeps only the device's frames needs one.
func TestInspect(t *testing.T) {
	const ether = `\    link/ether 02:00:5e:00:00:99 brd ff:ff:ff:ff:ff:ff`
	for _, one := range []struct {
		link, macs, want, refusal string
		only                      bool
	}{
		{link: ether, macs: "02:00:5e:00:00:10", want: "02:00:5e:00:00:99", only: true},
		{macs: "02:00:5e:00:00:10", want: "02:00:5e:00:00:10", only: true},
		{want: ""},
		{only: true, refusal: "name it under device: macs"},
	} {
		b := &Bench{Span: Span{OnlyDevice: one.only}}
		if one.macs != "" {
			b.Device.MACs = []string{one.macs}
		}
		i, err := inspecting(t, b, one.link).Inspect(t.Context())
		switch {
		case one.refusal != "":
			if err == nil || !strings.Contains(err.Error(), one.refusal) {
				t.Errorf("%+v: %v", one, err)
			}
		case err != nil || !slices.Equal(i.MACs, strings.Fields(one.want)):
			t.Errorf("%+v: %v, %v", one, i.MACs, err)
		case one.link == "" && one.want != "" && i.Obtained["macs"] != "bench file":
			t.Errorf("obtained from %q", i.Obtained["macs"])
		}
	}
}

// inspecting is the controller of a bench whose device shows this of its interface.
func inspecting(t *testing.T, b *Bench, link string) *inspected {
	t.Helper()
	script, err := LoadScript(DefaultScript)
	if err != nil {
		t.Fatal(err)
	}
	says := map[string]string{
		"getprop": "[ro.product.model]: [RM510B]", "getprop sys.boot_completed": "1", "pm list packages": "package:" + script.Package,
		"dumpsys package " + script.Package: "Packages:\n  Package [" + script.Package + "] (1):\n    userId=10085\n    versionCode=1 versionName=1.0",
		"ip -o link":                        "21: wlan0: <UP> mtu 1500" + link, "ip -o addr": "21: wlan0    inet 10.0.0.7/24 scope global wlan0",
	}
	program := func(_ context.Context, argv []string) drivers.Output {
		return drivers.Output{Stdout: []byte(says[strings.Join(argv, " ")] + "\n")}
	}
	device := &fake.Bridge{Programs: map[string]fake.Program{"getprop": program, "pm": program, "dumpsys": program, "ip": program}}
	c, err := controller.New(controller.Config{Bridge: device, Script: script})
	if err != nil {
		t.Fatal(err)
	}
	return &inspected{c, b}
}
