// Package simtest gives tests a simulated bench: [Main] lets the test program
// be the processes of its benches, [Up] builds one that ends with the test,
// [Configure] makes the session that records its plan. They need root.
package simtest
