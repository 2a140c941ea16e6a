package generate

import (
	"fmt"
	"go/token"
	"path/filepath"
	"strings"
)

// A Problem is what keeps a type, or a registration, from becoming TypeScript.
type Problem struct {
	// Position is where, in a file named relative to where the generator runs.
	Position token.Position
	// Reason names what is wrong there and says what to do.
	Reason string
}

// Error returns the problem as compilers write them: file:line:column: reason.
func (p *Problem) Error() string { return p.Position.String() + ": " + p.Reason }

func (p *program) errorf(pos token.Pos, format string, args ...any) *Problem {
	return &Problem{Position: p.position(pos), Reason: fmt.Sprintf(format, args...)}
}

func (p *program) position(pos token.Pos) token.Position {
	at := p.fset.Position(pos)
	if rel, err := filepath.Rel(p.dir, at.Filename); err == nil && !strings.HasPrefix(rel, "..") {
		at.Filename = filepath.ToSlash(rel)
	}
	return at
}
