package generate

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"
)

// A Problem is the reason why a type or a registration cannot be generated.
type Problem struct {
	// Position is the place in the source. File names are relative to Options.Dir.
	Position token.Position
	// Reason describes the problem and its remedy.
	Reason string
}

// Error returns the problem in the format of compilers: file:line:column: reason.
func (p *Problem) Error() string { return p.Position.String() + ": " + p.Reason }

func (p *program) errorf(pos token.Pos, format string, args ...any) *Problem {
	return &Problem{Position: p.position(pos), Reason: fmt.Sprintf(format, args...)}
}

func (p *program) position(pos token.Pos) token.Position {
	return p.relative(p.fset.Position(pos))
}

// relative returns a position in a file that is named from where the generator runs, if it is below.
func (p *program) relative(at token.Position) token.Position {
	if rel, err := filepath.Rel(p.dir, at.Filename); err == nil && !strings.HasPrefix(rel, "..") {
		at.Filename = filepath.ToSlash(rel)
	}
	return at
}
