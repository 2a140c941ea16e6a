// Package readme contains only a test, which runs the commands and compiles the examples of the
// README.
package readme
