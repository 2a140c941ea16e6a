package main

import (
	"context"
	"debug/elf"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/arch"
	"github.com/goreleaser/nfpm/v2/deb"
	"github.com/goreleaser/nfpm/v2/files"
	"github.com/goreleaser/nfpm/v2/rpm"
)

func makeDeb(ctx context.Context, j *job) (artifact, error) {
	info, err := j.info(ctx)
	if err != nil {
		return artifact{}, err
	}
	if info.Depends, err = j.debDepends(ctx); err != nil {
		return artifact{}, err
	}
	for name, data := range map[string][]byte{
		"copyright": j.debCopyright(), "changelog.Debian.gz": compress(j.debChangelog()),
	} {
		e, err := j.entry("share/doc/"+j.Executable+"/"+name, data)
		if err != nil {
			return artifact{}, err
		}
		info.Contents = append(info.Contents, j.content(e))
	}
	// The extended description begins on the second line.
	info.Description = j.Summary + "\n" + wrap(j.paragraphs())
	info.Deb.Compression = "xz"
	if j.sign.gpg != "" {
		info.Deb.Signature.KeyFile, info.Deb.Signature.KeyPassphrase = j.sign.gpg, j.sign.passphrase
		info.Deb.Signature.Signer = j.Maintainer
	}
	one, err := j.pack(info, "deb", deb.Default)
	if err == nil {
		err = j.look(ctx, &one, "dpkg-deb", "dpkg-deb", "--contents", one.file)
	}
	if err == nil {
		err = j.look(ctx, &one, "lintian", "lintian", "--allow-root", "--fail-on", "error,warning",
			"--suppress-tags", strings.Join(j.lintianTags(), ","), one.file)
	}
	return one, err
}

// lintianTags are the tags that lintian must ignore. They concern packages that Debian itself
// builds, which close one of its bugs and carry their signature elsewhere.
func (j *job) lintianTags() []string {
	tags := []string{"initial-upload-closes-no-bugs"}
	if j.sign.gpg != "" {
		tags = append(tags, "misplaced-extra-member-in-deb")
	}
	return tags
}

func makeRPM(ctx context.Context, j *job) (artifact, error) {
	info, err := j.info(ctx)
	if err != nil {
		return artifact{}, err
	}
	if info.Depends, err = rpmRequires(j.program["linux"]); err != nil {
		return artifact{}, err
	}
	info.RPM = nfpm.RPM{
		Summary: j.Summary, Packager: j.Maintainer, Group: "Unspecified", Compression: "zstd",
		BuildHost: "localhost", // Keeps the machine's name private.
	}
	if j.sign.gpg != "" {
		info.RPM.Signature.KeyFile, info.RPM.Signature.KeyPassphrase = j.sign.gpg, j.sign.passphrase
	}
	one, err := j.pack(info, "rpm", rpm.DefaultRPM)
	if err == nil {
		// This does not check whether the machine trusts the key.
		err = j.look(ctx, &one, "rpm -K", "rpm", "-K", "--nosignature", one.file)
	}
	return one, err
}

func makeArch(ctx context.Context, j *job) (artifact, error) {
	info, err := j.info(ctx)
	if err != nil {
		return artifact{}, err
	}
	if info.Depends, err = archDepends(j.program["linux"]); err != nil {
		return artifact{}, err
	}
	info.ArchLinux.Packager, info.Description = j.Maintainer, j.Summary
	if j.license != "" {
		e, err := j.entry("share/licenses/"+j.Executable+"/LICENSE", []byte(j.license))
		if err != nil {
			return artifact{}, err
		}
		info.Contents = append(info.Contents, j.content(e))
	}
	one, err := j.pack(info, "archlinux", arch.Default)
	if _, missing := exec.LookPath("unzstd"); err == nil && missing == nil {
		err = j.look(ctx, &one, "tar", "tar", "--use-compress-program=unzstd", "-tf", one.file)
	}
	return one, err
}

// info returns the metadata that all packages share.
func (j *job) info(ctx context.Context) (*nfpm.Info, error) {
	entries, err := j.tree(ctx)
	if err != nil {
		return nil, err
	}
	version, before := j.release()
	info := &nfpm.Info{
		Name: j.Executable, Arch: runtime.GOARCH, Platform: "linux",
		Version: version, Prerelease: before, Release: "1", VersionSchema: "semver",
		Section: "utils", Priority: "optional", Maintainer: j.Maintainer, Vendor: j.Publisher,
		Homepage: j.Homepage, License: j.License, Description: wrap(j.paragraphs()),
		MTime: j.time, DisableGlobbing: true,
	}
	info.Umask = 0o022
	for _, e := range entries {
		info.Contents = append(info.Contents, j.content(e))
	}
	return info, nil
}

func (j *job) content(e entry) *files.Content {
	return &files.Content{
		Source: e.from, Destination: "/usr/" + e.path,
		FileInfo: &files.ContentFileInfo{Owner: "root", Group: "root", Mode: e.mode, MTime: j.time},
	}
}

// pack writes a package. name is the library's name for the format.
func (j *job) pack(info *nfpm.Info, name string, p nfpm.Packager) (artifact, error) {
	info = nfpm.WithDefaults(info)
	if err := nfpm.PrepareForPackager(info, name); err != nil {
		return artifact{}, err
	}
	one := artifact{file: p.ConventionalFileName(info), checked: slices.Clone(j.looked)}
	j.say("%s", one.file)
	return one, writeFile(filepath.Join(j.out, one.file), func(w io.Writer) error { return p.Package(info, w) })
}

// debDepends returns the packages that the program needs, according to Debian's own tool.
func (j *job) debDepends(ctx context.Context) ([]string, error) {
	dir := filepath.Join(j.work, "shlibdeps")
	if err := os.MkdirAll(filepath.Join(dir, "debian"), 0o777); err != nil {
		return nil, err
	}
	control := "Source: " + j.Executable + "\n\nPackage: " + j.Executable + "\nArchitecture: any\n"
	if err := os.WriteFile(filepath.Join(dir, "debian", "control"), []byte(control), 0o666); err != nil {
		return nil, err
	}
	out, err := j.run(ctx, dir, shlibs.names[0], "-O", "-e"+j.program["linux"])
	if err != nil {
		return nil, err
	}
	_, list, found := strings.Cut(strings.TrimSpace(string(out)), "shlibs:Depends=")
	if !found {
		return nil, fmt.Errorf("%s printed no dependencies: %q", shlibs.names[0], out)
	}
	var depends []string
	for one := range strings.SplitSeq(list, ", ") {
		depends = append(depends, eitherName(one))
	}
	return depends, nil
}

// renamed are packages whose names got a suffix in Debian's transition of 32-bit systems to 64-bit
// time. The libraries are the same under either name.
var renamed = []string{
	"libgtk-3-0", "libglib2.0-0", "libatk1.0-0", "libatk-bridge2.0-0", "libatspi2.0-0", "libcups2", "libcurl4",
	"libssl3", "libasound2", "libgtk-4-1",
}

var dependency = regexp.MustCompile(`^([^ ]+)( \(.*\))?$`)

// eitherName adds the library's other name as an alternative to a dependency.
func eitherName(depends string) string {
	parts := dependency.FindStringSubmatch(depends)
	if parts == nil {
		return depends // The dependency already has alternatives.
	}
	name, suffixed := strings.CutSuffix(parts[1], "t64")
	if !slices.Contains(renamed, name) {
		return depends
	}
	other := name + "t64"
	if suffixed {
		other = name
	}
	return depends + " | " + other + parts[2]
}

// libraries returns the shared libraries that a program is linked with, and the symbol versions
// that it uses, each with its library.
func libraries(program string) (names []string, versions [][2]string, err error) {
	f, err := elf.Open(program)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if names, err = f.ImportedLibraries(); err != nil {
		return nil, nil, err
	}
	symbols, err := f.ImportedSymbols()
	if err != nil {
		return nil, nil, err
	}
	for _, s := range symbols {
		if v := [2]string{s.Library, s.Version}; s.Version != "" && !slices.Contains(versions, v) {
			versions = append(versions, v)
		}
	}
	slices.Sort(names)
	slices.SortFunc(versions, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	return names, versions, nil
}

// rpmRequires returns the program's dependencies by library, as rpmbuild does, because package
// names differ between distributions.
func rpmRequires(program string) ([]string, error) {
	names, versions, err := libraries(program)
	if err != nil {
		return nil, err
	}
	var requires []string
	for _, name := range names {
		requires = append(requires, name+"()(64bit)")
	}
	for _, v := range versions {
		requires = append(requires, fmt.Sprintf("%s(%s)(64bit)", v[0], v[1]))
	}
	return requires, nil
}

// archPackages maps libraries to Arch's packages.
var archPackages = map[string]string{
	"libc.so.6": "glibc", "libm.so.6": "glibc", "libpthread.so.0": "glibc", "libdl.so.2": "glibc",
	"libresolv.so.2": "glibc", "librt.so.1": "glibc", "libgcc_s.so.1": "gcc-libs", "libstdc++.so.6": "gcc-libs",
	"libgtk-3.so.0": "gtk3", "libgdk-3.so.0": "gtk3", "libglib-2.0.so.0": "glib2", "libgobject-2.0.so.0": "glib2",
	"libgio-2.0.so.0": "glib2", "libgmodule-2.0.so.0": "glib2", "libcairo.so.2": "cairo",
	"libcairo-gobject.so.2": "cairo", "libgdk_pixbuf-2.0.so.0": "gdk-pixbuf2", "libpango-1.0.so.0": "pango",
	"libpangocairo-1.0.so.0": "pango", "libatk-1.0.so.0": "at-spi2-core", "libharfbuzz.so.0": "harfbuzz",
	"libsoup-3.0.so.0": "libsoup3", "libX11.so.6": "libx11", "libz.so.1": "zlib",
	"libwebkit2gtk-4.1.so.0": "webkit2gtk-4.1", "libjavascriptcoregtk-4.1.so.0": "webkit2gtk-4.1",
}

func archDepends(program string) ([]string, error) {
	names, _, err := libraries(program)
	if err != nil {
		return nil, err
	}
	var depends []string
	for _, name := range names {
		pkg := archPackages[name]
		if pkg == "" {
			return nil, fmt.Errorf("the Arch package with %s is unknown; add it to archPackages", name)
		}
		if !slices.Contains(depends, pkg) {
			depends = append(depends, pkg)
		}
	}
	slices.Sort(depends)
	return depends, nil
}

// debCopyright returns the copyright file that every Debian package must contain.
func (a *app) debCopyright() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n")
	fmt.Fprintf(&b, "Upstream-Name: %s\nUpstream-Contact: %s\nSource: %s\n\n", a.Name, a.Maintainer, a.Homepage)
	fmt.Fprintf(&b, "Files: *\nCopyright: %s\nLicense: %s\n", a.Copyright, a.License)
	for line := range strings.Lines(strings.TrimRight(a.license, "\n")) {
		if line = strings.TrimRight(line, "\r\n"); line == "" {
			line = "."
		}
		b.WriteString(" " + line + "\n")
	}
	return []byte(b.String())
}

// debChangelog returns a changelog with a single entry. The app publishes its changes elsewhere.
func (a *app) debChangelog() []byte {
	version, before := a.release()
	if before != "" {
		version += "~" + before
	}
	return fmt.Appendf(nil, "%s (%s-1) unstable; urgency=medium\n\n  * Release %s.\n\n -- %s  %s\n",
		a.Executable, version, a.Version, a.Maintainer, a.time.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
}

// wrap breaks paragraphs into lines that fit a terminal.
func wrap(paragraphs []string) string {
	var b strings.Builder
	for i, paragraph := range paragraphs {
		if i > 0 {
			b.WriteString("\n\n")
		}
		width := 0
		for j, word := range strings.Fields(paragraph) {
			n := utf8.RuneCountInString(word)
			switch {
			case j == 0:
			case width+1+n > 76:
				b.WriteByte('\n')
				width = 0
			default:
				b.WriteByte(' ')
				width++
			}
			b.WriteString(word)
			width += n
		}
	}
	return b.String()
}
