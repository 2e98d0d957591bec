package controller

import (
	"fmt"
	"strings"
)

func (c *checker) steps(place part, steps []Step) {
	for i := range steps {
		c.step(place.in(fmt.Sprintf("step %d", i+1), i), &steps[i])
	}
}

func (c *checker) step(place part, s *Step) {
	keys := s.keys()
	switch len(keys) {
	case 0:
		c.fault(place, "it does nothing; say tap, switch, type, wait, gone, scroll, key, launch, stop, reboot, wifi, power, pause, if or ask")
		return
	case 1:
	default:
		c.fault(place, "it does several things (%s); make a step of each", strings.Join(keys, ", "))
		return
	}
	if target := s.target(); target != nil {
		c.selector(place.in("", keys[0]), target)
	}
	c.values(place, s)
	c.modifiers(place, s, keys[0])
}

// values checks what an action says beside a selector.
func (c *checker) values(place part, s *Step) {
	switch {
	case s.Type != nil:
		c.typing(place.in("", "type"), s.Type)
	case s.Key != "" && !pressable[s.Key]:
		c.fault(place.in("", "key"), "key %q: Android has none of that name; say it in small letters and without KEYCODE_, such as %s", s.Key, likeKey(s.Key))
	case s.WiFi != "" && s.WiFi != "on" && s.WiFi != "off":
		c.fault(place.in("", "wifi"), "wifi %q: say on or off", s.WiFi)
	case s.Power != "" && !plainName.MatchString(s.Power):
		c.fault(place.in("", "power"), "power %q: a name takes lower-case letters, digits, dots and hyphens", s.Power)
	}
	if s.If != nil && len(s.Then) == 0 {
		c.fault(place, "if needs then: say what is done")
	}
	c.steps(place.in("then", "then"), s.Then)
}

func (c *checker) typing(place part, t *Typing) {
	switch {
	case (t.Text == "") == (t.Env == ""):
		c.fault(place, "type takes exactly one of text and env")
	case t.Env != "" && !envName.MatchString(t.Env):
		c.fault(place, "%q is no name of an environment variable", t.Env)
	}
}

// modifiers refuses keys that say nothing about the action, for who wrote them
// expected something.
func (c *checker) modifiers(place part, s *Step, action string) {
	if s.On && s.Switch == nil && s.Power == "" {
		c.fault(place.in("", "on"), "on says nothing about %s", action)
	}
	if len(s.Then) > 0 && s.If == nil {
		c.fault(place.in("", "then"), "then says nothing about %s", action)
	}
	if s.Optional && s.target() == nil {
		c.fault(place.in("", "optional"), "optional says nothing about %s", action)
	}
	if s.Within != 0 && (s.Key != "" || s.Pause != 0 || s.If != nil) {
		c.fault(place.in("", "within"), "within says nothing about %s", action)
	}
}

// keys lists the actions that the step has.
func (s *Step) keys() []string {
	var list []string
	for _, k := range []struct {
		name string
		set  bool
	}{
		{"tap", s.Tap != nil}, {"switch", s.Switch != nil}, {"type", s.Type != nil}, {"wait", s.Wait != nil}, {"gone", s.Gone != nil},
		{"scroll", s.Scroll != nil}, {"key", s.Key != ""}, {"launch", s.Launch}, {"stop", s.Stop}, {"reboot", s.Reboot},
		{"wifi", s.WiFi != ""}, {"power", s.Power != ""}, {"pause", s.Pause != 0}, {"if", s.If != nil}, {"ask", s.Ask != ""},
	} {
		if k.set {
			list = append(list, k.name)
		}
	}
	return list
}

// target is what on the screen the step is about; nil where nothing is.
func (s *Step) target() *Selector {
	switch {
	case s.Tap != nil:
		return s.Tap
	case s.Switch != nil:
		return s.Switch
	case s.Type != nil:
		return &s.Type.Into
	case s.Wait != nil:
		return s.Wait
	case s.Gone != nil:
		return s.Gone
	case s.Scroll != nil:
		return s.Scroll
	}
	return s.If
}
