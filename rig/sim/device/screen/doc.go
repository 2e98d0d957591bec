// Package screen is the display of the simulated remote controller: a [Page]
// says in words what is on it, [Layout] places it, and the same [View] then is
// the hierarchy that uiautomator dumps, the picture that screencap takes, and
// what a finger hits.
//
//	v := screen.Layout(page, 0)
//	v.WriteXML(w)             // as "uiautomator dump" of Android 10
//	png.Encode(w, v.Draw())
//	if n := v.Hit(image.Pt(960, 540)); n != nil { n.Tap() }
//
// What is scrolled out of sight is not in the hierarchy, and behind a dialog
// nothing is: so it is on a device. Lengths are pixels.
package screen
