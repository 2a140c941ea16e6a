// Command shellevents writes the TypeScript types of the shell's own events to the file named by
// its argument. make generate runs it.
package main

import (
	"context"
	"log"
	"os"

	"casement/internal/generate"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: shellevents FILE")
	}
	made, err := generate.ShellEvents(context.Background(), generate.Options{
		Patterns: []string{"casement/shell"}, Command: "make generate",
	})
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], made, 0o666); err != nil {
		log.Fatal(err)
	}
}
