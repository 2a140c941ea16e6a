package main

import (
	"bytes"
	"context"
	"crypto/sha1"
	"embed"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/tc-hib/winres"
	"github.com/tc-hib/winres/version"
)

//go:embed templates
var templates embed.FS

// makeEXE builds the program itself, which needs no installation.
func makeEXE(ctx context.Context, j *job) (artifact, error) {
	one := artifact{file: fmt.Sprintf("%s-%s-windows-amd64.exe", j.Executable, j.Version)}
	exe, checked, err := j.windowsProgram(ctx)
	if err != nil {
		return one, err
	}
	one.checked = checked
	return one, copyFile(filepath.Join(j.out, one.file), exe)
}

// windowsProgram builds the program, once, with its icon, manifest and version, and signs it.
func (j *job) windowsProgram(ctx context.Context) (exe string, checked []string, err error) {
	exe = filepath.Join(j.work, j.Executable+".exe")
	one := artifact{checked: []string{"resources read back"}}
	if j.sign.pfx != "" {
		one.checked = append(one.checked, signtool.names[0])
	}
	if _, err := os.Stat(exe); err == nil {
		return exe, one.checked, nil
	}
	built, err := j.build(ctx, "windows")
	if err != nil {
		return "", nil, err
	}
	resources, err := j.resources()
	if err != nil {
		return "", nil, err
	}
	data, err := os.ReadFile(built)
	if err != nil {
		return "", nil, err
	}
	plain := exe + ".plain"
	err = writeFile(plain, func(w io.Writer) error { return resources.WriteToEXE(w, bytes.NewReader(data)) })
	if err != nil {
		return "", nil, fmt.Errorf("adding the resources: %w", err)
	}
	if err := checkResources(plain, resources.Count()); err != nil {
		return "", nil, err
	}
	if err := j.windowsFile(ctx, new(artifact), plain); err != nil {
		return "", nil, err
	}
	return exe, one.checked, os.Rename(plain, exe)
}

// resources returns the resources that Windows shows before a program runs.
func (j *job) resources() (*winres.ResourceSet, error) {
	set := &winres.ResourceSet{}
	var ico bytes.Buffer
	if err := writeICO(&ico, j.icons); err != nil {
		return nil, err
	}
	icon, err := winres.LoadICO(bytes.NewReader(ico.Bytes()))
	if err != nil {
		return nil, err
	}
	if err := set.SetIcon(winres.ID(1), icon); err != nil {
		return nil, err
	}
	n := j.Numbers()
	numbers := [4]uint16{n[0], n[1], n[2], 0}
	set.SetManifest(winres.AppManifest{
		Identity:    winres.AssemblyIdentity{Name: j.ID, Version: numbers},
		Description: j.Summary, Compatibility: winres.Win7AndAbove, ExecutionLevel: winres.AsInvoker,
		DPIAwareness: winres.DPIPerMonitorV2, UseCommonControlsV6: true, LongPathAware: true,
	})
	info := version.Info{FileVersion: numbers, ProductVersion: numbers}
	for key, value := range map[string]string{
		version.ProductName: j.Name, version.FileDescription: j.Name, version.CompanyName: j.Publisher,
		version.LegalCopyright: "© " + j.Copyright, version.ProductVersion: j.Version, version.FileVersion: j.Version,
		version.OriginalFilename: j.Executable + ".exe", version.InternalName: j.Executable, version.Comments: j.Summary,
	} {
		if err := info.Set(version.LangDefault, key, value); err != nil {
			return nil, err
		}
	}
	set.SetVersionInfo(info)
	return set, nil
}

func checkResources(exe string, want int) error {
	f, err := os.Open(exe)
	if err != nil {
		return err
	}
	defer f.Close()
	there, err := winres.LoadFromEXE(f)
	if err != nil {
		return fmt.Errorf("reading the resources back: %w", err)
	}
	if there.Count() != want {
		return fmt.Errorf("the program has %d resources, want %d", there.Count(), want)
	}
	return nil
}

// An installer holds the values for the templates of the Windows installers.
type installer struct {
	*app
	Program, Icon, Out, Sign    string
	Version4, Sized             string
	Upgrade, Product, Component string
}

func (j *job) installer(ctx context.Context) (installer, error) {
	exe, _, err := j.windowsProgram(ctx)
	if err != nil {
		return installer{}, err
	}
	info, err := os.Stat(exe)
	if err != nil {
		return installer{}, err
	}
	n := j.Numbers()
	i := installer{
		app: j.app, Program: exe, Icon: filepath.Join(j.work, j.Executable+".ico"),
		Version4: fmt.Sprintf("%d.%d.%d.0", n[0], n[1], n[2]), Sized: fmt.Sprint((info.Size() + 1023) / 1024),
		Upgrade: guid(j.ID), Product: guid(j.ID, j.Version), Component: guid(j.ID, "component"),
	}
	return i, writeFile(i.Icon, func(w io.Writer) error { return writeICO(w, j.icons) })
}

// makeSetup builds a setup for a single user, which needs no administrator.
func makeSetup(ctx context.Context, j *job) (artifact, error) {
	one := artifact{file: fmt.Sprintf("%s-%s-windows-amd64-setup.exe", j.Executable, j.Version)}
	i, err := j.installer(ctx)
	if err != nil {
		return one, err
	}
	i.Out = filepath.Join(j.out, one.file)
	if j.sign.pfx != "" {
		if i.Sign, err = j.signScript(); err != nil {
			return one, err
		}
	}
	j.say("%s", one.file)
	script := filepath.Join(j.work, "setup.nsi")
	if err := fill(script, "templates/setup.nsi", nsis, i); err != nil {
		return one, err
	}
	if _, err := j.run(ctx, j.work, makensis.names[0], "-V2", "-WX", "-INPUTCHARSET", "UTF8", script); err != nil {
		return one, err
	}
	one.checked = []string{"makensis -WX"}
	return one, j.windowsFile(ctx, &one, i.Out)
}

// signScript writes a script that makensis runs to sign the uninstaller before packing it.
func (j *job) signScript() (string, error) {
	args, err := j.codesign()
	if err != nil {
		return "", err
	}
	script := "#!/bin/sh\nset -e\n" + signtool.names[0]
	for _, arg := range args {
		script += " '" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	script += ` -in "$1" -out "$1.signed"` + "\n" + `mv -- "$1.signed" "$1"` + "\n"
	file := filepath.Join(j.work, "sign.sh")
	return file, os.WriteFile(file, []byte(script), 0o700)
}

// makeMSI builds an installer for all users, which administrators can deploy.
func makeMSI(ctx context.Context, j *job) (artifact, error) {
	one := artifact{file: fmt.Sprintf("%s-%s-windows-amd64.msi", j.Executable, j.Version)}
	i, err := j.installer(ctx)
	if err != nil {
		return one, err
	}
	i.Out = filepath.Join(j.out, one.file)
	j.say("%s", one.file)
	script := filepath.Join(j.work, "app.wxs")
	if err := fill(script, "templates/app.wxs", xmlText, i); err != nil {
		return one, err
	}
	if _, err := j.run(ctx, j.work, wixl.names[0], "-a", "x64", "-o", i.Out, script); err != nil {
		return one, err
	}
	if err := j.look(ctx, &one, "msiinfo", "msiinfo", "suminfo", one.file); err != nil {
		return one, err
	}
	return one, j.windowsFile(ctx, &one, i.Out)
}

// fill executes a template. Its function q quotes text for the template's language.
func fill(file, name string, quote func(string) string, data any) error {
	text, err := templates.ReadFile(name)
	if err != nil {
		return err
	}
	t, err := template.New(name).Option("missingkey=error").Funcs(template.FuncMap{"q": quote}).Parse(string(text))
	if err != nil {
		return err
	}
	return writeFile(file, func(w io.Writer) error { return t.Execute(w, data) })
}

// nsis escapes the special characters of a makensis string.
func nsis(s string) string { return strings.NewReplacer("$", "$$", `"`, `$\"`).Replace(s) }

// guid derives an id like a version 5 UUID: equal names give equal ids.
func guid(names ...string) string {
	sum := sha1.Sum([]byte("casement:" + strings.Join(names, "\x00")))
	sum[6] = sum[6]&0x0f | 0x50
	sum[8] = sum[8]&0x3f | 0x80
	return strings.ToUpper(fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16]))
}

func copyFile(to, from string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o666)
}
