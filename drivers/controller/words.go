package controller

import (
	"fmt"
	"strings"
)

// String names what the selector finds, for a person: by its first texts, or by
// its resource id where it has no text.
func (s Selector) String() string {
	var b strings.Builder
	for i, text := range s.Text {
		if i > 0 {
			b.WriteString(" or ")
		}
		fmt.Fprintf(&b, "%q", text)
	}
	switch {
	case len(s.Text) == 0 && s.Password:
		b.WriteString("the password field")
	case len(s.Text) == 0:
		b.WriteString(s.ID)
	}
	if s.Checked != nil {
		b.WriteString(onOff(*s.Checked, " checked", " not checked"))
	}
	return b.String()
}

// String says what the step does, as one would tell a person to do it. It holds
// no secret: what comes from the environment is named by its variable.
func (s Step) String() string {
	switch {
	case s.Tap != nil:
		return "tap " + s.Tap.String() + s.where()
	case s.Switch != nil:
		return "switch " + s.Switch.String() + onOff(s.On, " on", " off")
	case s.Type != nil:
		return s.Type.String()
	case s.Wait != nil:
		return "wait for " + s.Wait.String()
	case s.Gone != nil:
		return "wait until " + s.Gone.String() + " is gone"
	case s.Scroll != nil:
		return "scroll to " + s.Scroll.String()
	case s.If != nil:
		return "if there is " + s.If.String() + ": " + Words(s.Then)
	}
	return s.deviceWords()
}

// deviceWords are those of steps that need no screen.
func (s Step) deviceWords() string {
	switch {
	case s.Key != "":
		return "press " + s.Key
	case s.Launch:
		return "start the app"
	case s.Stop:
		return "force the app to stop"
	case s.Reboot:
		return "restart the device"
	case s.WiFi != "":
		return "switch Wi-Fi " + s.WiFi
	case s.Power != "":
		return "switch the power of " + s.Power + onOff(s.On, " on", " off")
	case s.Pause != 0:
		return "wait " + s.Pause.String()
	}
	return s.Ask
}

// where says that a step may find nothing to do.
func (s Step) where() string {
	if s.Optional {
		return " where it is there"
	}
	return ""
}

// String says what is typed into what.
func (t Typing) String() string {
	what := fmt.Sprintf("%q", t.Text)
	if t.Env != "" {
		what = "what $" + t.Env + " holds"
	}
	return "type " + what + " into " + t.Into.String()
}

// Words says what steps do, one after the other.
func Words(steps []Step) string {
	words := make([]string, len(steps))
	for i, s := range steps {
		words[i] = s.String()
	}
	return strings.Join(words, ", ")
}

func onOff(on bool, yes, no string) string {
	if on {
		return yes
	}
	return no
}
