package device

import (
	"maps"
	"strings"
)

// properties are those of a boot.
func (d *device) properties(b *boot, persistent map[string]string) map[string]string {
	props := map[string]string{
		"ro.spanrig.simulated":         "1",
		"ro.product.model":             Model,
		"ro.product.name":              "rm510b",
		"ro.product.device":            "rm510b",
		"ro.product.brand":             "DJI",
		"ro.product.manufacturer":      "DJI",
		"ro.product.cpu.abi":           "arm64-v8a",
		"ro.serialno":                  Serial,
		"ro.boot.serialno":             Serial,
		"ro.build.display.id":          Firmware,
		"ro.build.version.release":     "10",
		"ro.build.version.sdk":         "29",
		"ro.build.version.incremental": "sim." + Firmware,
		"ro.build.type":                "user",
		"ro.build.fingerprint":         "DJI/rm510b/rm510b:10/SIMULATED/" + Firmware + ":user/release-keys",
		"ro.boot.hardware":             "qcom",
		"ro.debuggable":                "0",
		"ro.secure":                    "1",
		"sys.boot_completed":           "",
		"sys.usb.state":                "mtp_bulk_adb",
		"persist.sys.timezone":         "UTC",
		"persist.sys.locale":           "en-US",
		"init.svc.adbd":                "running",
		"ro.runtime.firstboot":         "0",
		"ro.boot.bootid":               b.id,
	}
	maps.Copy(props, persistent)
	return props
}

// props is a copy.
func (d *device) props() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.boot.props)
}

func (d *device) setProp(name, value string) error {
	d.mu.Lock()
	d.boot.props[name] = value
	d.mu.Unlock()
	if !strings.HasPrefix(name, "persist.") {
		return nil
	}
	return d.store.set(func(k *kept) { k.Props[name] = value })
}
