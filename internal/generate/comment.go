package generate

import (
	"go/ast"
	"strings"
)

// directive begins a comment that gives a type or a field its TypeScript type.
const directive = "//casement:ts "

// directiveIn returns the TypeScript type that a doc comment gives, or "".
func directiveIn(groups ...*ast.CommentGroup) string {
	for _, group := range groups {
		if group == nil {
			continue
		}
		for _, c := range group.List {
			if given, ok := strings.CutPrefix(c.Text, directive); ok {
				return strings.TrimSpace(given)
			}
		}
	}
	return ""
}

const deprecated = "Deprecated: "

// jsdoc returns a Go doc comment as a TypeScript doc comment, or "" for an empty one. A paragraph
// that begins with "Deprecated:" becomes a tag, which editors show at every use.
func jsdoc(text, indent string) string {
	text = strings.TrimSpace(oddBreaks.Replace(text))
	if text == "" {
		return ""
	}
	var kept, old []string
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if reason, ok := strings.CutPrefix(paragraph, deprecated); ok {
			old = append(old, "@deprecated "+escapeComment(reason))
		} else {
			kept = append(kept, escapeComment(paragraph))
		}
	}
	// Tags come last, because text after a tag would belong to it.
	text = strings.Join(append(kept, old...), "\n\n")
	if !strings.Contains(text, "\n") && len(indent)+len("/**  */")+len(text) <= 100 {
		return indent + "/** " + text + " */\n"
	}
	var b strings.Builder
	b.WriteString(indent + "/**\n")
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(strings.TrimRight(indent+" * "+line, " \t\r") + "\n")
	}
	b.WriteString(indent + " */\n")
	return b.String()
}

var oddBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", " ", "\u2029", " ")

// escapeComment escapes text so that it neither ends the comment around it nor contains tags.
func escapeComment(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "*/", `*\/`), "\n")
	for i, line := range lines {
		bare := strings.TrimLeft(line, " \t")
		if strings.HasPrefix(bare, "@") {
			lines[i] = line[:len(line)-len(bare)] + `\` + bare
		}
	}
	return strings.Join(lines, "\n")
}
