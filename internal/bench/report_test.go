package main

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
)

func sample() report {
	fast := &contender{name: "fast", figures: map[string][]float64{"invoke-one": {300, 100, 200}, "events": {4000, 2000}, "binary": {1}}}
	slow := &contender{name: "slow & <old> 1.2.3", figures: map[string][]float64{"invoke-one": {800}, "start": {1234567.8}}}
	return newReport([]*contender{fast, slow}, 3)
}

func TestAReportComparesMedians(t *testing.T) {
	r := sample()
	var table strings.Builder
	r.print(&table)
	for _, want := range []string{"200", "4.00", "3,000", "1,234,568", "–"} {
		if !strings.Contains(table.String(), want) {
			t.Errorf("no %s in\n%s", want, table.String())
		}
	}
	if got := r.Rows[0].ahead(1); got != 4 {
		t.Errorf("less is better: %v", got)
	}
	if got := r.Rows[1].ahead(1); !math.IsNaN(got) {
		t.Errorf("a row that one contender does not have: %v", got)
	}
	if len(r.Rows) != 4 {
		t.Errorf("%d rows", len(r.Rows))
	}
}

func TestAChartIsWellFormed(t *testing.T) {
	in := xml.NewDecoder(strings.NewReader(sample().chart()))
	texts := ""
	for {
		token, err := in.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if data, ok := token.(xml.CharData); ok {
			texts += string(data) + "\n"
		}
	}
	for _, want := range []string{"slow & <old>", "1.2.3", "invoke, one at a time", "4.0×"} {
		if !strings.Contains(texts, want) {
			t.Errorf("no %q in\n%s", want, texts)
		}
	}
}

func TestNumbersHaveCommas(t *testing.T) {
	for want, got := range map[string]string{
		"0": number(0.4, 0), "999": number(999, 0), "1,000": number(999.6, 0), "12,345.7": number(12345.67, 1), "1,000,000": number(1e6, 0),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestRatiosAndMillionsAreBrief(t *testing.T) {
	for want, got := range map[string]string{
		"0.35×": times(0.354), "1.0×": times(0.999), "9.9×": times(9.94), "10×": times(9.96), "1,234×": times(1234),
		"999,999": brief(999_999, 0), "1.63 M": brief(1_626_429, 0),
	} {
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestAContenderMayHaveAVersion(t *testing.T) {
	for contender, want := range map[string][2]string{
		"Wails 3.0.0-beta.24": {"Wails", "3.0.0-beta.24"}, "bare WebKitGTK": {"bare WebKitGTK", ""}, "7": {"7", ""}, "": {"", ""},
	} {
		if name, version := nameAndVersion(contender); [2]string{name, version} != want {
			t.Errorf("%q: %q, %q", contender, name, version)
		}
	}
}
