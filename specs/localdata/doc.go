// Package localdata holds the specs of local data mode: nothing leaves the
// device. SendsNothing is the whole topic; claims LDM-1 to LDM-5 of the contract.
package localdata
