// Package cli is the command line of spanrig, one file a subcommand. Results
// go to stdout, progress and messages to stderr; Main returns the exit code.
package cli
