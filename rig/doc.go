// Package rig holds the words of the bench: Recording, Inventory, Window,
// Journal. It reads recordings; the packages below it judge them.
package rig
