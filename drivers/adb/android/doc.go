// Package android reads facts from an Android device, and touches its screen,
// through any [drivers.Bridge].
//
//	props, err := android.Props(ctx, bridge)
//	screen, err := android.ReadScreen(ctx, bridge)      // awake, and what is in front
//	ui, err := android.Dump(ctx, bridge)                // the tree of what is on the screen
//	err = android.Tap(ctx, bridge, node.Center())
//
// Each fact is a parser of text, ParseXxx, which gives a value or an error,
// and a function that asks the device for the text. The formats are those of
// Android 10 and newer; where they differ between versions, the comment at
// the parser says how and whence that is known (AOSP: platform/frameworks/base,
// platform/system/core, external/toybox). Nothing is guessed: text that does
// not hold the fact is an error, and what the device does not know is said.
package android
