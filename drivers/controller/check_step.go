package controller

import (
	"fmt"
	"strings"
)

func (c *checker) steps(place string, steps []Step) {
	for i := range steps {
		c.step(fmt.Sprintf("%s, step %d", place, i+1), &steps[i])
	}
}

func (c *checker) step(place string, s *Step) {
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
		c.selector(place, target)
	}
	c.values(place, s)
	c.modifiers(place, s, keys[0])
}

// values checks what an action says beside a selector.
func (c *checker) values(place string, s *Step) {
	switch {
	case s.Type != nil:
		c.typing(place, s.Type)
	case s.Key != "" && !keyName.MatchString(s.Key):
		c.fault(place, "key %q: say it as Android does without KEYCODE_, such as back, home or wakeup", s.Key)
	case s.WiFi != "" && s.WiFi != "on" && s.WiFi != "off":
		c.fault(place, "wifi %q: say on or off", s.WiFi)
	case s.Power != "" && !plainName.MatchString(s.Power):
		c.fault(place, "power %q: a name takes lower-case letters, digits, dots and hyphens", s.Power)
	}
	if s.If != nil && len(s.Then) == 0 {
		c.fault(place, "if needs then: say what is done")
	}
	c.steps(place+", then", s.Then)
}

func (c *checker) typing(place string, t *Typing) {
	switch {
	case (t.Text == "") == (t.Env == ""):
		c.fault(place, "type takes exactly one of text and env")
	case t.Env != "" && !envName.MatchString(t.Env):
		c.fault(place, "%q is no name of an environment variable", t.Env)
	}
}

// modifiers refuses keys that say nothing about the action, for who wrote them
// expected something.
func (c *checker) modifiers(place string, s *Step, action string) {
	if s.On && s.Switch == nil && s.Power == "" {
		c.fault(place, "on says nothing about %s", action)
	}
	if len(s.Then) > 0 && s.If == nil {
		c.fault(place, "then says nothing about %s", action)
	}
	if s.Optional && s.target() == nil {
		c.fault(place, "optional says nothing about %s", action)
	}
	if s.Within != 0 && (s.Key != "" || s.Pause != 0 || s.If != nil) {
		c.fault(place, "within says nothing about %s", action)
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
