package controller

import (
	"fmt"
	"strings"
)

// keyWords are the keys of Android, as android.view.KeyEvent has them up to
// Android 16, without KEYCODE_ and in small letters. NAME:A-B stands for a name
// with each number from A to B behind it, or each letter.
const keyWords = `
home back call endcall :0-9 :a-z star pound dpad_up dpad_down dpad_left dpad_right dpad_center dpad_up_left dpad_down_left dpad_up_right dpad_down_right
soft_left soft_right volume_up volume_down volume_mute mute power camera clear comma period tab space enter del forward_del grave minus equals
left_bracket right_bracket backslash semicolon apostrophe slash at num plus sym explorer envelope headsethook focus menu notification search
alt_left alt_right shift_left shift_right ctrl_left ctrl_right meta_left meta_right caps_lock scroll_lock num_lock function sysrq break escape
page_up page_down move_home move_end insert forward pictsymbols switch_charset f:1-24 button_:a-c button_:x-z button_l:1-2 button_r:1-2 button_thumbl
button_thumbr button_start button_select button_mode button_:1-16 numpad_:0-9 numpad_divide numpad_multiply numpad_subtract numpad_add numpad_dot
numpad_comma numpad_enter numpad_equals numpad_left_paren numpad_right_paren media_play_pause media_stop media_next media_previous media_rewind
media_fast_forward media_play media_pause media_close media_eject media_record media_audio_track media_top_menu media_skip_forward media_skip_backward
media_step_forward media_step_backward info channel_up channel_down zoom_in zoom_out tv window guide dvr bookmark captions settings app_switch
recent_apps all_apps language_switch manner_mode 3d_mode contacts calendar music calculator zenkaku_hankaku eisu muhenkan henkan katakana_hiragana yen
ro kana assist voice_assist brightness_down brightness_up sleep soft_sleep wakeup pairing :11-12 last_channel help navigate_previous navigate_next
navigate_in navigate_out stem_primary stem_:1-3 cut copy paste refresh system_navigation_up system_navigation_down system_navigation_left
system_navigation_right thumbs_up thumbs_down profile_switch video_app_:1-8 featured_app_:1-4 demo_app_:1-4 keyboard_backlight_down
keyboard_backlight_up keyboard_backlight_toggle stylus_button_primary stylus_button_secondary stylus_button_tertiary stylus_button_tail macro_:1-4
emoji_picker screenshot dictate new close do_not_disturb print lock fullscreen tv_power tv_input stb_power stb_input avr_power avr_input prog_red
prog_green prog_yellow prog_blue tv_data_service tv_radio_service tv_teletext tv_number_entry tv_terrestrial_analog tv_terrestrial_digital
tv_satellite tv_satellite_bs tv_satellite_cs tv_satellite_service tv_network tv_antenna_cable tv_input_hdmi_:1-4 tv_input_composite_:1-2
tv_input_component_:1-2 tv_input_vga_1 tv_audio_description tv_audio_description_mix_up tv_audio_description_mix_down tv_zoom_mode tv_contents_menu
tv_media_context_menu tv_timer_programming`

// pressable are the keys that a step may press.
var pressable = allKeys(keyWords)

func allKeys(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		name, span, many := strings.Cut(word, ":")
		if !many {
			all[name] = true
			continue
		}
		for _, end := range ends(span) {
			all[name+end] = true
		}
	}
	return all
}

// ends are the numbers or letters of a span such as 1-16.
func ends(span string) (list []string) {
	var from, to int
	format := "%d"
	if _, err := fmt.Sscanf(span, "%d-%d", &from, &to); err != nil {
		from, to, format = int(span[0]), int(span[len(span)-1]), "%c"
	}
	for i := from; i <= to; i++ {
		list = append(list, fmt.Sprintf(format, i))
	}
	return list
}

// likeKey is the key of which a name may be a slip: of the same letters, or one
// letter less, more or other. Where there is none, it is some that scripts need.
func likeKey(name string) string {
	name = strings.ToLower(strings.TrimPrefix(strings.ToUpper(name), "KEYCODE_"))
	best := ""
	for key := range pressable {
		if len(key) > 2 && (key == name || near(key, name)) && (best == "" || key < best) {
			best = key
		}
	}
	if best == "" {
		return "back, home, wakeup or app_switch"
	}
	return best
}

// near reports whether one letter, or the order of two, makes the difference.
func near(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		return i == len(a) || a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}
