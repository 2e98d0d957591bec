package check

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers/fake"
	"github.com/spanrig/spanrig/rig/benchfile"
)

// TestDiscoverADB: a line that is copied into a bench file leads to the device,
// behind whatever server it was found.
func TestDiscoverADB(t *testing.T) {
	server, err := fake.NewAdbServer(func(c *fake.AdbConn) {
		if _, err := c.Request(); err == nil {
			_, _ = io.WriteString(c, "OKAY"+fake.Text("RC0001                 device usb:1-3 product:rm510b model:RC_Pro\n"))
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	t.Setenv("ADB_SERVER_SOCKET", "tcp:"+server.Addr)
	for _, one := range []struct{ server, want string }{
		{server.Addr, `{serial: "RC0001", server: "` + server.Addr + `"}`},
		{"", `{serial: "RC0001", server: "tcp:` + server.Addr + `"}`},
	} {
		var out strings.Builder
		if err := Discover(t.Context(), &out, one.server); err != nil {
			t.Fatal(err)
		}
		line := regexp.MustCompile(`(?m)^  adb: .*$`).FindString(out.String())
		if !strings.Contains(line, one.want) {
			t.Errorf("%q, want %s", line, one.want)
		}
		bench := "schema: 1\nname: x\nspan: {interfaces: [a]}\ncontrol: {by_rig: true}\ndevice:\n" + line + "\n"
		b, err := benchfile.Parse("x.yaml", []byte(bench))
		if err != nil || b.Device.ADB.Serial != "RC0001" || strings.TrimPrefix(b.Device.ADB.Server, "tcp:") != server.Addr {
			t.Errorf("%v\n%s", err, bench)
		}
	}
}

// TestDiscoverHubs: hubs are listed as lines of a bench file.
func TestDiscoverHubs(t *testing.T) {
	root := t.TempDir()
	var out strings.Builder
	discoverHubs(&out, root)
	for path, text := range map[string]string{
		"1-3/bDeviceClass": "09", "1-3/maxchild": "4", "1-3/product": "Hub", "1-3/1-3:1.0/1-3-port2/disable": "0",
		"1-3.2/idVendor": "2ca3", "1-3.2/idProduct": "001f",
	} {
		file := filepath.Join(root, "sys/bus/usb/devices", path)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	discoverHubs(&out, root)
	want := "  # no USB hub\n" + `  usb: {hub: {hub: "1-3", port: 2}} # ports 1 to 4, Hub, at 2 2ca3:001f` + "\n"
	if out.String() != want {
		t.Errorf("%s\nwant\n%s", out.String(), want)
	}
}
