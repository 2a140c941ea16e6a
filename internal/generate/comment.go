package generate

import (
	"go/ast"
	"strings"
)

// directive is what a comment begins with that gives a type or a field its type in TypeScript.
const directive = "//casement:ts "

// directiveIn returns the type in TypeScript that a doc comment gives, empty if it gives none.
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

// jsdoc returns a Go doc comment as the lines of one for TypeScript, none for an empty one. A paragraph that
// begins "Deprecated:" becomes a tag, which editors show at every use.
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
	// Tags come last: what follows one would be part of it.
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

// escapeComment keeps text from ending the comment that it goes into, and its lines from being tags.
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
