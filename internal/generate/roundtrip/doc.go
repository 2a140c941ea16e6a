// Package roundtrip has a test only: it sends values of every type that the generator understands to a page
// and back, through the functions that it has generated.
package roundtrip
