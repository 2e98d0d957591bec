// Package control holds the specs that prove the sensor: controls seen, capture
// whole, one way out, mode and app read back. Claims CAP, MODE, APP and CTRL of the contract.
package control
