// Package roundtrip contains only a test. It sends values of every type that the generator supports
// to a page and back, through generated functions.
package roundtrip
