package generate

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"casement/manifest"
)

// An unknown is a type of another module that encodes or decodes itself and has no TypeScript type.
type unknown struct {
	o      *types.TypeName
	ways   [2]bool
	first  place // the first use
	root   place // the registration of the first use
	others map[string]bool
}

// unknownType records a use of an unknown type. Each type is reported once.
func (m *mapper) unknownType(o *types.TypeName, way direction, at place) {
	i := slices.IndexFunc(m.unknowns, func(u *unknown) bool { return u.o == o })
	if i < 0 {
		i = len(m.unknowns)
		m.unknowns = append(m.unknowns, &unknown{o: o, first: at, root: m.root, others: map[string]bool{}})
	}
	u := m.unknowns[i]
	u.ways[way] = true
	if at.path != u.first.path {
		u.others[at.path] = true
	}
}

// reportUnknown adds a problem for each unknown type, with the line for casement.json.
func (m *mapper) reportUnknown() {
	slices.SortFunc(m.unknowns, func(a, b *unknown) int { return strings.Compare(fullName(a.o), fullName(b.o)) })
	for i, u := range m.unknowns {
		where := u.where()
		if u.first.path != u.root.path {
			where = "from " + u.root.path + ": " + where
		}
		comma := ","
		if i == len(m.unknowns)-1 && len(m.table.given) == 0 {
			comma = ""
		}
		file := m.table.file
		if file == "" {
			file = manifest.File + " beside the app's main package"
		}
		problem := m.p.errorf(u.root.pos, "%s %s (%s); add this line to \"types\" in %s, with the right type:\n\t%q: %q%s",
			u.o.Pkg().Name()+"."+u.o.Name(), u.reason(), where, file, fullName(u.o), suggestion(u.o.Type()), comma)
		m.problems = append(m.problems, problem)
	}
}

// where returns the path of the first use, and the number of the others.
func (u *unknown) where() string {
	if n := len(u.others); n > 0 {
		return fmt.Sprintf("%s and %d more", u.first.path, n)
	}
	return u.first.path
}

// reason says why the type is unknown.
func (u *unknown) reason() string {
	const unclear = " its own JSON, so its TypeScript type is unknown"
	switch {
	case mute(u.o.Type()) && !hasSay(u.o.Type()):
		return "has unexported fields only, so it is sent as {}"
	case u.ways == [2]bool{true, true}:
		return "writes and reads" + unclear
	case u.ways[toGo]:
		return "reads" + unclear
	}
	return "writes" + unclear
}

// suggestion returns a likely TypeScript type.
func suggestion(t types.Type) string {
	if mute(t) && !hasSay(t) {
		return "Record<string, never>"
	}
	pointer := types.NewPointer(t)
	if ownText(pointer, toPage) || ownText(pointer, toGo) || has(pointer, "String", "func() string") {
		return "string"
	}
	return "unknown"
}

// A foreign identifies a problem in the source of another module, which the app can't change.
type foreign struct {
	reason string
	owner  string // the struct whose fields have the problem
}

// foreignProblem records a problem in another module's source. Fields of one struct with the same
// reason are one problem.
func (m *mapper) foreignProblem(at place, reason string) {
	reason = strings.ReplaceAll(reason, leaveOut, "copy what the page needs into a type of your own")
	reason = strings.ReplaceAll(reason, useStruct, "copy what the page needs into a type of your own")
	owner, _, _ := strings.Cut(at.path[strings.IndexByte(at.path, '.')+1:], ".")
	key := foreign{reason, at.path[:strings.IndexByte(at.path, '.')+1] + owner}
	if m.foreign == nil {
		m.foreign = map[foreign]*unknown{}
	}
	if u := m.foreign[key]; u == nil {
		m.foreign[key] = &unknown{first: at, root: m.root, others: map[string]bool{}}
	} else if at.path != u.first.path {
		u.others[at.path] = true
	}
}

// reportForeign adds the problems that foreignProblem has recorded.
func (m *mapper) reportForeign() {
	for key, u := range m.foreign {
		m.problems = append(m.problems, m.p.errorf(u.root.pos, "%s: %s (%s): %s", u.root.path, u.where(), m.p.position(u.first.pos), key.reason))
	}
}
