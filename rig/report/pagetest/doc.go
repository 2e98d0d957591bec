// Package pagetest opens pages in Chromium as people do, and holds what they do
// there against what a page that is evidence may do: nothing. [New] starts a
// browser; [Browser.Quiet] and [Browser.Accessible] judge the page that is open.
// It is for tests.
package pagetest
