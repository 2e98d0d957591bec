package android_test

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/spanrig/spanrig/drivers"
	"github.com/spanrig/spanrig/drivers/adb/android"
)

// The texts below follow outputs that users of real devices have published, and
// the AOSP sources that print them; names, addresses and hashes are made up.

const props = "[dalvik.vm.appimageformat]: [lz4]\n[persist.note]: [first\nsecond [x]: y\n\nthird]\n[ro.empty]: []\n[ro.product.model]: [RM510B]\n[sys.boot_completed]: [1]\n"

// dumpPackage: Android 10; an updated system app has two entries, and a version
// name may have spaces.
const dumpPackage = `Activity Resolver Table:
  Non-Data Actions:
      android.intent.action.MAIN:
        2c56bfd com.dji.industry.pilot/.SplashActivity filter 5b3b9f2

Key Set Manager:
  [com.dji.industry.pilot]
      Signing KeySets: 12

Packages:
  Package [com.dji.industry.pilot] (a2f5f08):
    userId=10123
    pkg=Package{3e9cdf5 com.dji.industry.pilot}
    codePath=/data/app/com.dji.industry.pilot-Ab==
    versionCode=1002010 minSdk=23 targetSdk=28
    versionName=10.2.0.10 [0] [PR] 337959405
    splits=[base]
    flags=[ SYSTEM HAS_CODE ALLOW_CLEAR_USER_DATA UPDATED_SYSTEM_APP ]
    User 0: ceDataInode=4028 installed=true hidden=false
  Package [com.dji.industry.pilot.helper] (b2f5f08):
    userId=10124
    versionCode=1 minSdk=23 targetSdk=28
    versionName=1.0

Hidden system packages:
  Package [com.dji.industry.pilot] (70a7174):
    userId=10123
    versionCode=900 minSdk=23 targetSdk=28
    versionName=9.0

Dexopt state:
  [com.dji.industry.pilot]
    path: /data/app/com.dji.industry.pilot-Ab==/base.apk
`

const windows10 = `WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)
  Display: mDisplayId=0
    init=1200x1920 320dpi cur=1920x1200 app=1920x1200 rng=1200x1128-1920x1848
    deferred=false mLayoutNeeded=false mTouchExcludeRegion=SkRegion((0,0,1920,1200))
    mCurrentFocus=Window{8e1b8f0 u0 com.dji.industry.pilot/com.dji.industry.pilot.MainActivity}
    mFocusedApp=AppWindowToken{20ba847 token=Token{bd93786 ActivityRecord{2f89061 u0 com.dji.industry.pilot/.MainActivity t19}}}
  Display: mDisplayId=1
    mCurrentFocus=null
    mFocusedApp=null
`

const windows14 = `  mCurrentFocus=Window{48b4735 u0 NotificationShade}
  mFocusedApp=ActivityRecord{12376650 u0 com.dji.industry.pilot/.MainActivity t349}
`

const activities10 = `ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)
Display #0 (activities from top to bottom):
  Stack #1: type=standard mode=fullscreen
    Task id #19
    * TaskRecord{9dd2c54 #19 A=com.dji.industry.pilot U=0 StackId=1 sz=1}
      * Hist #0: ActivityRecord{2f89061 u0 com.dji.industry.pilot/.MainActivity t19}
    mResumedActivity: ActivityRecord{2f89061 u0 com.dji.industry.pilot/.MainActivity t19}

  ResumedActivity: ActivityRecord{2f89061 u0 com.dji.industry.pilot/.MainActivity t19}
`

const links = `1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
2: dummy0: <BROADCAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UNKNOWN mode DEFAULT group default qlen 1000\    link/ether 92:57:db:62:52:3d brd ff:ff:ff:ff:ff:ff
3: sit0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN mode DEFAULT group default qlen 1000\    link/sit 0.0.0.0 brd 0.0.0.0
11: rmnet_ipa0: <UP,LOWER_UP> mtu 2000 qdisc pfifo_fast state UNKNOWN mode DEFAULT group default qlen 1000\    link/[519]
12: rmnet_data0@rmnet_ipa0: <UP,LOWER_UP> mtu 1500 qdisc htb state UNKNOWN mode DEFAULT group default qlen 1000\    link/[519]
21: wlan0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP mode DORMANT group default qlen 3000\    link/ether 60:60:1F:00:00:01 brd ff:ff:ff:ff:ff:ff
22: p2p0: <NO-CARRIER,BROADCAST,MULTICAST,UP> mtu 1500 qdisc mq state DOWN mode DORMANT group default qlen 3000\    link/ether 62:60:1f:00:00:01 brd ff:ff:ff:ff:ff:ff
`

const addrs = `1: lo    inet 127.0.0.1/8 scope host lo\       valid_lft forever preferred_lft forever
1: lo    inet6 ::1/128 scope host \       valid_lft forever preferred_lft forever
12: rmnet_data0    inet 10.20.30.42/30 scope global rmnet_data0\       valid_lft forever preferred_lft forever
21: wlan0    inet 192.168.42.7/24 brd 192.168.42.255 scope global wlan0\       valid_lft forever preferred_lft forever
21: wlan0    inet6 fe80::6260:1fff:fe00:1/64 scope link \       valid_lft forever preferred_lft forever
`

const routes4 = `default via 192.168.42.1 dev wlan0 table 1021 proto static
192.168.42.0/24 dev wlan0 table 1021 proto static scope link
default dev rmnet_data0 table 1010 proto static scope link
10.20.30.40/30 dev rmnet_data0 proto kernel scope link src 10.20.30.42
local 127.0.0.0/8 dev lo table local proto kernel scope host src 127.0.0.1
unreachable default table 250
`

const routes6 = `default dev dummy0 table dummy0 proto static metric 1024 pref medium
default via fe80::1 dev wlan0 table 1021 proto ra metric 1024 expires 1795sec hoplimit 64 pref medium
default proto static metric 100 \	nexthop via fe80::2 dev p2p0 weight 1 \	nexthop via fe80::3 dev wlan0 weight 1
unreachable default dev lo table unspec proto kernel metric 4294967295 error -101 pref medium
fe80::/64 dev wlan0 table 1021 proto kernel metric 256 pref medium
`

const tcp = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:15B3 00000000:0000 0A 00000000:00000000 00:00000000 00000000  2000        0 25430 1 0000000000000000 100 0 0 10 0
   1: 072AA8C0:C350 077100CB:01BB 01 00000000:00000000 02:00000DA3 00000000 10123        0 88122 2 0000000000000000 24 4 30 10 -1
   2: 072AA8C0:C351 077100CB:01BB 06 00000000:00000000 03:00000A11 00000000     0        0 0 3 0000000000000000
`

const tcp6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF0000072AA8C0:9C40 0000000000000000FFFF0000077100CB:01BB 01 00000000:00000000 00:00000000 00000000 10123        0 41321 1 0000000000000000 21 4 30 10 -1
   1: B80D0120000000000000000001000000:9C41 B80D0120000000000000000002000000:01BB 01 00000000:00000000 00:00000000 00000000 10045        0 41322 1 0000000000000000 21 4 30 10 -1
`

const qtaguidText = `idx iface acct_tag_hex uid_tag_int cnt_set rx_bytes rx_packets tx_bytes tx_packets rx_tcp_bytes rx_tcp_packets rx_udp_bytes rx_udp_packets rx_other_bytes rx_other_packets tx_tcp_bytes tx_tcp_packets tx_udp_bytes tx_udp_packets tx_other_bytes tx_other_packets
2 wlan0 0x0 0 0 18226861 31059 1490779 26793 16709350 21210 1477647 8826 39864 1023 1025429 19945 424802 6417 40548 431
3 wlan0 0x0 10123 0 1000 10 500 5 0 0 0 0 0 0 0 0 0 0 0 0
4 wlan0 0x0 10123 1 3000 30 1500 15 0 0 0 0 0 0 0 0 0 0 0 0
5 wlan0 0x3e900000000 10123 1 3000 30 1500 15 0 0 0 0 0 0 0 0 0 0 0 0
6 lo 0x0 10123 1 77 1 77 1 0 0 0 0 0 0 0 0 0 0 0 0
`

const netstats = `Active interfaces:
  iface=wlan0 ident=[{type=WIFI, subType=COMBINED, networkId="lab", metered=false, defaultNetwork=true}]
Xt stats:
  Pending bytes: 0
  History since boot:
  ident=[{type=WIFI, subType=COMBINED, networkId="lab", metered=false, defaultNetwork=true}] uid=-1 set=ALL tag=0x0
    NetworkStatsHistory: bucketDuration=3600
      st=1790665200 rb=397520517 rp=303482 tb=4680000 tp=61542 op=0
UID stats:
  Pending bytes: 5029025
  History since boot:
  ident=[{type=WIFI, subType=COMBINED, networkId="a] uid=1 set=X tag=0x0 lab", metered=false, defaultNetwork=true}] uid=10123 set=DEFAULT tag=0x0
    NetworkStatsHistory: bucketDuration=7200
      st=1790661600 rb=100 rp=1 tb=50 tp=1 op=0
      st=1790668800 rb=11 rp=1 tb=7 tp=1 op=0
  ident=[{type=WIFI, subType=COMBINED, networkId="lab", metered=false, defaultNetwork=true}] uid=10123 set=FOREGROUND tag=0x0
    NetworkStatsHistory: bucketDuration=7200
      st=1790661600 rb=1000 rp=1 tb=500 tp=1 op=0
  ident=[{type=WIFI, subType=COMBINED, networkId="lab", metered=false, defaultNetwork=true}] uid=101234 set=FOREGROUND tag=0x0
    NetworkStatsHistory: bucketDuration=7200
      st=1790661600 rb=90000 rp=1 tb=90000 tp=1 op=0
UID tag stats:
  Pending bytes: 0
  History since boot:
  ident=[{type=WIFI, subType=COMBINED, networkId="lab", metered=false, defaultNetwork=true}] uid=10123 set=FOREGROUND tag=0xffffff01
    NetworkStatsHistory: bucketDuration=7200
      st=1790661600 rb=90000 rp=1 tb=90000 tp=1 op=0
`

const hierarchy = `<?xml version='1.0' encoding='UTF-8' standalone='yes' ?><hierarchy rotation="1"><node index="0" text="" resource-id="" class="android.widget.FrameLayout" package="com.dji.industry.pilot" content-desc="" checkable="false" checked="false" clickable="false" enabled="true" focusable="false" focused="false" scrollable="false" long-clickable="false" password="false" selected="false" bounds="[0,0][1920,1200]"><node index="0" text="Local Data Mode &#55357;&#56832; &amp; more&#10;" resource-id="com.dji.industry.pilot:id/ldm_switch" class="android.widget.Switch" package="com.dji.industry.pilot" content-desc="LDM" checkable="true" checked="true" clickable="true" enabled="true" focusable="true" focused="false" scrollable="false" long-clickable="false" password="false" selected="false" bounds="[1500,300][1700,380]" /><node index="1" text="hunter2" resource-id="com.dji.industry.pilot:id/pin" class="android.widget.EditText" package="com.dji.industry.pilot" content-desc="" checkable="false" checked="false" clickable="true" enabled="true" focusable="true" focused="true" scrollable="false" long-clickable="true" password="true" selected="false" bounds="[100,500][600,560]" /></node></hierarchy>`

func picture(t interface{ Fatal(...any) }) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func same(t *testing.T, what string, got, want any, err error) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v, %v\nwant %+v", what, got, err, want)
	}
}

func TestParse(t *testing.T) {
	p, err := android.ParseProps([]byte(props))
	same(t, "props", p, map[string]string{"dalvik.vm.appimageformat": "lz4", "persist.note": "first\nsecond [x]: y\n\nthird", "ro.empty": "", "ro.product.model": "RM510B", "sys.boot_completed": "1"}, err)
	names, err := android.ParsePackages([]byte("WARNING: linker\npackage:com.dji.industry.pilot\r\npackage:android\n"))
	same(t, "packages", names, []string{"com.dji.industry.pilot", "android"}, err)
	pkg, err := android.ParsePackage([]byte(dumpPackage), "com.dji.industry.pilot")
	same(t, "package", pkg, android.Package{Name: "com.dji.industry.pilot", VersionName: "10.2.0.10 [0] [PR] 337959405", VersionCode: 1002010, UID: 10123}, err)
	pkg, err = android.ParsePackage([]byte(strings.ReplaceAll(dumpPackage, "userId=", "appId=")), "com.dji.industry.pilot.helper")
	same(t, "package", pkg, android.Package{Name: "com.dji.industry.pilot.helper", VersionName: "1.0", VersionCode: 1, UID: 10124}, err)
	if _, err := android.ParsePackage([]byte(dumpPackage), "com.dji"); !errors.Is(err, android.ErrNotInstalled) {
		t.Errorf("no package: %v", err)
	}
	if _, err := android.ParsePackage([]byte("Dexopt state:\n  Unable to find package: x\n"), "x"); !errors.Is(err, android.ErrNotInstalled) {
		t.Errorf("no package: %v", err)
	}
	pids, err := android.ParsePIDs([]byte("12 3456\n"))
	same(t, "pids", pids, []int{12, 3456}, err)
	size, err := android.ParseSize([]byte("Physical size: 1200x1920\nOverride size: 1080x1920\n"))
	same(t, "size", size, image.Pt(1080, 1920), err)
	shot, err := android.ParseScreenshot(append([]byte("[Warning] Multiple displays were found, but no display id was specified!\n"), picture(t)...))
	same(t, "screenshot", shot, picture(t), err)
	if _, err := android.ParseScreenshot(picture(t)[:50]); err == nil {
		t.Error("a cut screenshot")
	}
}

func TestParseScreen(t *testing.T) {
	wake, err := android.ParseWakefulness([]byte("POWER MANAGER (dumpsys power)\n\nPower Manager State:\n  mDirty=0x0\n  mWakefulness=Dozing\n  mWakefulnessChanging=false\n"))
	same(t, "wakefulness", wake, "Dozing", err)
	const app = "com.dji.industry.pilot"
	f10, err := android.ParseFocus([]byte(windows10))
	same(t, "focus", f10, android.Focus{Window: app + "/" + app + ".MainActivity", App: app}, err)
	f14, err := android.ParseFocus([]byte(windows14))
	same(t, "focus", f14, android.Focus{Window: "NotificationShade", App: app}, err)
	for text, want := range map[string]string{
		activities10: app,
		"  topResumedActivity=ActivityRecord{77b3dc7 u0 com.example.app/.ui.MainActivity t90}\n":                   "com.example.app",
		"ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\n  mResumedActivity: null\n":                    "",
		"ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)\nDisplay #0 (activities from top to bottom):\n": "",
	} {
		got, err := android.ParseResumed([]byte(text))
		same(t, "resumed", got, want, err)
	}
	for _, test := range []struct {
		window, app, resumed string
		want                 bool
	}{
		{app + "/" + app + ".MainActivity", app, app, true},
		{"PopupWindow:1a2b3c", app, app, true},
		{"NotificationShade", app, app, false},
		{"Application Not Responding: " + app, app, app, false},
		{"com.android.permissioncontroller/x.GrantPermissionsActivity", app, app, false},
		{app + "/x", app, "", false},
		{"", app, app, false},
	} {
		s := android.Screen{Focus: android.Focus{Window: test.window, App: test.app}, Resumed: test.resumed}
		if got := s.Foreground(app); got != test.want {
			t.Errorf("Foreground of %+v: %v", s, got)
		}
	}
}

func TestParseNetwork(t *testing.T) {
	list, err := android.ParseLinks([]byte(links))
	if err != nil || len(list) != 7 {
		t.Fatalf("links: %+v, %v", list, err)
	}
	same(t, "links", fmt.Sprint(list[4], list[5]), "{{rmnet_data0 true false false}  []} {{wlan0 true false false} 60:60:1f:00:00:01 []}", err)
	d4, err := android.ParseDefaultRoutes([]byte(routes4))
	same(t, "routes", d4, []string{"wlan0", "rmnet_data0"}, err)
	d6, err := android.ParseDefaultRoutes([]byte(routes6))
	same(t, "routes", d6, []string{"dummy0", "wlan0", "p2p0"}, err)
	half, err := android.ParseDefaultRoutes([]byte("0.0.0.0/1 dev tun0 table 1030\n128.0.0.0/2 dev tun1\n2000::/3 dev tun2\n"))
	same(t, "routes", half, []string{"tun0", "tun2"}, err)
	s4, err := android.ParseSockets("tcp", []byte(tcp))
	same(t, "tcp", s4, []drivers.Socket{
		{Proto: "tcp", Local: netip.MustParseAddrPort("0.0.0.0:5555"), Remote: netip.MustParseAddrPort("0.0.0.0:0"), UID: 2000},
		{Proto: "tcp", Local: netip.MustParseAddrPort("192.168.42.7:50000"), Remote: netip.MustParseAddrPort("203.0.113.7:443"), UID: 10123},
	}, err)
	s6, err := android.ParseSockets("tcp", []byte(tcp6))
	same(t, "tcp6", s6, []drivers.Socket{
		{Proto: "tcp", Local: netip.MustParseAddrPort("192.168.42.7:40000"), Remote: netip.MustParseAddrPort("203.0.113.7:443"), UID: 10123},
		{Proto: "tcp", Local: netip.MustParseAddrPort("[2001:db8::1]:40001"), Remote: netip.MustParseAddrPort("[2001:db8::2]:443"), UID: 10045},
	}, err)
	q, err := android.ParseQtaguid([]byte(qtaguidText), 10123)
	same(t, "qtaguid", q, android.Counters{Sent: 2000, Received: 4000, Source: "xt_qtaguid"}, err)
	n, err := android.ParseNetstats([]byte(netstats), 10123)
	same(t, "netstats", n, android.Counters{Sent: 557, Received: 1111, Source: "netstats"}, err)
	if c, err := android.ParseNetstats([]byte(strings.Replace(netstats, "      st=1790661600 rb=1000", "      (omitting 3 buckets)\n      st=1790661600 rb=1000", 1)), 10123); err == nil {
		t.Errorf("a history with a gap: %+v", c)
	}
	// The kernel of this machine, where it is Linux, prints the same format.
	if text, err := os.ReadFile("/proc/net/tcp"); err == nil {
		if _, err := android.ParseSockets("tcp", text); err != nil {
			t.Error(err)
		}
	}
}

func TestParseDate(t *testing.T) {
	for text, want := range map[string]struct {
		ns    int64
		exact bool
	}{
		"1790661600.123456789\n": {1790661600123456789, true},
		"1790661600.%N\n":        {1790661600000000000, false},
		"1790661600.N\n":         {1790661600000000000, false},
		"1790661600\n":           {1790661600000000000, false},
		"86.000000001\n":         {86000000001, true},
	} {
		got, exact, err := android.ParseDate([]byte(text))
		if err != nil || got.UnixNano() != want.ns || exact != want.exact {
			t.Errorf("%q: %v, %v, %v", text, got.UnixNano(), exact, err)
		}
	}
	if got, _, err := android.ParseDate([]byte("date: bad format")); err == nil {
		t.Errorf("no date: %v", got)
	}
}

func TestParseHierarchy(t *testing.T) {
	h, err := android.ParseHierarchy([]byte(hierarchy))
	if err != nil {
		t.Fatal(err)
	}
	var nodes []*android.Node
	for n := range h.All() {
		nodes = append(nodes, n)
	}
	if h.Rotation != 1 || len(nodes) != 3 || len(h.Nodes) != 1 {
		t.Fatalf("%+v", h)
	}
	n := nodes[1]
	if n.Text != "Local Data Mode 😀 & more\n" || n.ResourceID != "com.dji.industry.pilot:id/ldm_switch" || !n.Checkable || !n.Checked || !n.Clickable ||
		n.Focused || n.Description != "LDM" || n.Class != "android.widget.Switch" || n.Center() != image.Pt(1600, 340) {
		t.Errorf("%+v, centre %v", n, n.Center())
	}
	for _, bad := range []string{"", "ERROR: could not get idle state.", "<hierarchy>", `<hierarchy><node/></hierarchy>`, `<hierarchy><node bounds="[1,2]"/></hierarchy>`,
		`<node bounds="[0,0][1,1]"/>`, `<hierarchy/><hierarchy/>`, `<hierarchy><x bounds="[0,0][1,1]"/></hierarchy>`} {
		if h, err := android.ParseHierarchy([]byte(bad)); err == nil {
			t.Errorf("%q: %+v", bad, h)
		}
	}
	for raw, want := range map[string]string{"&#xD83D;&#xDE00;": "😀", "&#55357;": "\ufffd", "&#55357;&#65;": "\ufffdA", "&#0;": "\ufffd", "\x01": "\ufffd", "\xff": "\ufffd", "&#1114112;": "\ufffd", "&#x41;": "A"} {
		h, err := android.ParseHierarchy([]byte(`<hierarchy><node text="` + raw + `" bounds="[0,0][1,1]"/></hierarchy>`))
		if err != nil || h.Nodes[0].Text != want {
			t.Errorf("%q: %+v, %v", raw, h, err)
		}
	}
}

func TestInputText(t *testing.T) {
	for text, want := range map[string][]string{
		"":               nil,
		"plain":          {"plain"},
		"two words ":     {"two%swords%s"},
		"100%sure":       {"100%", "sure"},
		"%s %s":          {"%", "s%s%", "s"},
		"$HOME;'\"\\|&*": {"$HOME;'\"\\|&*"},
	} {
		got, err := android.InputText(text)
		same(t, text, got, want, err)
	}
	for _, text := range []string{"é", "a\nb", "\x00"} {
		if got, err := android.InputText(text); err == nil || strings.Contains(err.Error(), text) {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
}

func TestLogTime(t *testing.T) {
	for line, want := range map[string]string{
		"         1783239714.320123  8811 16322 I tag: x\n": "1783239714.320123",
		"1783239714.320123  8811 16322 I tag: x\n":          "1783239714.320123",
		"--------- beginning of main\n":                     "",
		"06-21 19:41:28.395 30179 32749 D x: y\n":           "",
		"1.5 x": "",
	} {
		if got := android.LogTime(line); got != want {
			t.Errorf("%q: %q", line, got)
		}
	}
}
