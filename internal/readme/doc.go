// Package readme has no code: its test runs what the README shows.
package readme
