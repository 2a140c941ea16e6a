package main

import (
	"encoding/xml"
	"fmt"
	"strings"
)

// desktopEntry returns the desktop file, which adds the app to menus and registers what it opens.
func (a *app) desktopEntry() []byte {
	var b strings.Builder
	line := func(key, value string) { fmt.Fprintf(&b, "%s=%s\n", key, desktopString(value)) }
	list := func(key string, values []string) {
		if len(values) > 0 {
			fmt.Fprintf(&b, "%s=%s;\n", key, strings.Join(values, ";"))
		}
	}
	b.WriteString("[Desktop Entry]\nType=Application\nVersion=1.4\n")
	line("Name", a.Name)
	line("Comment", a.Summary)
	line("Exec", a.Executable+" %U")
	line("Icon", a.ID)
	b.WriteString("Terminal=false\nStartupNotify=true\n")
	line("StartupWMClass", a.ID)
	list("Categories", a.Categories)
	var opens []string
	for _, t := range a.FileTypes {
		opens = append(opens, t.MIME)
	}
	if a.Scheme != "" {
		opens = append(opens, "x-scheme-handler/"+a.Scheme)
	}
	list("MimeType", opens)
	return []byte(b.String())
}

func desktopString(s string) string { return strings.ReplaceAll(s, `\`, `\\`) }

// metainfo returns the AppStream file for software centres.
func (a *app) metainfo() []byte {
	var b strings.Builder
	p := func(format string, args ...any) {
		for i, arg := range args {
			args[i] = xmlText(fmt.Sprint(arg))
		}
		fmt.Fprintf(&b, format+"\n", args...)
	}
	p(`<?xml version="1.0" encoding="UTF-8"?>`)
	p(`<component type="desktop-application">`)
	p(`  <id>%s</id>`, a.ID)
	p(`  <metadata_license>CC0-1.0</metadata_license>`)
	p(`  <project_license>%s</project_license>`, a.License)
	p(`  <name>%s</name>`, a.Name)
	p(`  <summary>%s</summary>`, a.Summary)
	p(`  <developer_name>%s</developer_name>`, a.Publisher)
	p(`  <description>`)
	for _, paragraph := range a.paragraphs() {
		p(`    <p>%s</p>`, paragraph)
	}
	p(`  </description>`)
	p(`  <launchable type="desktop-id">%s.desktop</launchable>`, a.ID)
	p(`  <icon type="stock">%s</icon>`, a.ID)
	p(`  <url type="homepage">%s</url>`, a.Homepage)
	p(`  <provides>`)
	p(`    <binary>%s</binary>`, a.Executable)
	for _, t := range a.FileTypes {
		p(`    <mediatype>%s</mediatype>`, t.MIME)
	}
	if a.Scheme != "" {
		p(`    <mediatype>x-scheme-handler/%s</mediatype>`, a.Scheme)
	}
	p(`  </provides>`)
	p(`  <categories>`)
	for _, c := range a.Categories {
		p(`    <category>%s</category>`, c)
	}
	p(`  </categories>`)
	p(`  <content_rating type="oars-1.1"/>`)
	version, before := a.release()
	kind := "stable"
	if before != "" {
		kind, version = "development", version+"~"+before
	}
	p(`  <releases>`)
	p(`    <release version="%s" date="%s" type="%s"/>`, version, a.time.Format("2006-01-02"), kind)
	p(`  </releases>`)
	p(`</component>`)
	return []byte(b.String())
}

// mimeTypes returns the definitions of file types that the system does not know, or nil if there
// are none.
func (a *app) mimeTypes() []byte {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">` + "\n")
	some := false
	for _, t := range a.FileTypes {
		if len(t.Extensions) == 0 {
			continue
		}
		some = true
		fmt.Fprintf(&b, "  <mime-type type=\"%s\">\n    <comment>%s</comment>\n", xmlText(t.MIME), xmlText(t.Name))
		for _, e := range t.Extensions {
			fmt.Fprintf(&b, "    <glob pattern=\"*.%s\"/>\n", xmlText(e))
		}
		b.WriteString("  </mime-type>\n")
	}
	if !some {
		return nil
	}
	b.WriteString("</mime-info>\n")
	return []byte(b.String())
}

// manual returns the manual page.
func (a *app) manual() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH %s 1 %s %s\n", strings.ToUpper(a.Executable), a.time.Format("2006-01-02"), roff(a.Version))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(a.Executable), roff(a.Summary))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n[\\fIFILE\\fR]\n.SH DESCRIPTION\n", roff(a.Executable))
	for i, paragraph := range a.paragraphs() {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		b.WriteString(roff(paragraph) + "\n")
	}
	fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", roff(a.Homepage))
	return []byte(b.String())
}

// roff escapes a line of text.
func roff(s string) string {
	s = strings.NewReplacer(`\`, `\e`, "-", `\-`, "'", `\(aq`).Replace(s)
	if strings.HasPrefix(s, ".") {
		s = `\&` + s
	}
	return s
}

// paragraphs returns the paragraphs of the description, each on one line.
func (a *app) paragraphs() []string {
	var list []string
	for paragraph := range strings.SplitSeq(a.Description, "\n\n") {
		if text := strings.Join(strings.Fields(paragraph), " "); text != "" {
			list = append(list, text)
		}
	}
	return list
}

func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // A buffer never fails.
	return b.String()
}
