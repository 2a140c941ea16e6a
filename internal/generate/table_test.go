package generate_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"casement/internal/generate"
)

// The source of another module, which the app can't change.
const bankSource = `// Package money is somebody else's.
package money

import "context"

// An Amount writes itself.
type Amount struct{ Cents int64 }

func (a Amount) MarshalJSON() ([]byte, error)  { return []byte("\"1.00\""), nil }
func (a *Amount) UnmarshalJSON([]byte) error { return nil }

// A Bill has amounts.
type Bill struct {
	Net, Tax, Total Amount
	Lines           []Line
	State           State
	Flags           map[State]int
	Priority        Priority
	Customer        *Customer
}

// A Line is one of a Bill.
type Line struct{ Price, Discount Amount }

type State string

const (
	Open State = "open"
	Paid State = "paid"
)

type Priority int

const (
	Low  Priority = 1
	High Priority = 2
)

// A Customer is its id, or all of it.
type Customer struct {
	ID   string
	Name string
}

func (c *Customer) UnmarshalJSON([]byte) error { return nil }

// Opt is generic.
type Opt[T any] struct{ value *T }

func (o Opt[T]) MarshalJSON() ([]byte, error) { return []byte("null"), nil }
func (o *Opt[T]) UnmarshalJSON([]byte) error  { return nil }

// Fee embeds.
type Fee struct{ Amount }

// Hooks have funcs.
type Hooks struct {
	Before, After func(context.Context)
	Name          string
}

// An Event is called like something of the page's.
type Event struct{ ID string }

// Secret keeps all to itself.
type Secret struct{ key string }

// Vault has one.
type Vault struct{ Secret Secret }
`

// bankApp returns an app with a module of somebody else's.
func bankApp(t *testing.T, source string) *app {
	t.Helper()
	a := newApp(t, "package main\n\nimport (\n\t\"context\"\n\n\t\"casement/ipc\"\n\n\t\"example.com/bank/v2/money\"\n)\n\n"+source+
		"\n\nfunc give[T any](context.Context, struct{}) (v T, err error) { return v, nil }\n\n"+
		"func take[T any](context.Context, struct{ V T }) (struct{}, error) { return struct{}{}, nil }\n\nvar _ money.Amount\n")
	mod, err := os.ReadFile(filepath.Join(a.dir, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("go.mod", string(mod)+"\nrequire example.com/bank/v2 v2.0.0\n\nreplace example.com/bank/v2 => ./bank\n")
	if err := os.MkdirAll(filepath.Join(a.dir, "bank/money"), 0o777); err != nil {
		t.Fatal(err)
	}
	a.write("bank/go.mod", "module example.com/bank/v2\n\ngo 1.26.0\n")
	a.write("bank/money/money.go", bankSource)
	return a
}

func (a *app) problems() []string {
	a.t.Helper()
	_, err := generate.TypeScript(a.t.Context(), generate.Options{Dir: a.dir})
	if err == nil {
		a.t.Fatal("there are no problems")
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []string{err.Error()}
	}
	var all []string
	for _, err := range joined.Unwrap() {
		var p *generate.Problem
		if errors.As(err, &p) && p.Position.Filename != "main.go" && p.Position.Filename != "casement.json" {
			a.t.Errorf("%v is not about the app's own source", p)
		}
		all = append(all, err.Error())
	}
	return all
}

// must fails unless made has all of the lines, each of which is trimmed.
func must(t *testing.T, made string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(made, line) {
			t.Errorf("%s is missing in:\n%s", line, made)
		}
	}
}

var pasted = regexp.MustCompile(`\n\t("[^"]+": "[^"]+"),?$`)

// One problem for each type, whatever the number of its places, with a line that makes it go away.
func TestAnUnknownTypeIsOneProblemWithTheLineToPaste(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `func main() {
	var r ipc.Router
	ipc.Handle(&r, "bill", give[money.Bill])
	ipc.Handle(&r, "pay", take[money.Bill])
	ipc.Handle(&r, "opt", give[money.Opt[int]])
	ipc.Handle(&r, "vault", give[money.Vault])
}`)
	problems := a.problems()
	var lines []string
	for _, want := range []string{
		`main.go:13:2: money.Amount writes and reads its own JSON, so its TypeScript type is unknown (from command "bill": money.Bill.Net and 4 more)`,
		`money.Customer reads its own JSON`, `money.Opt writes its own JSON`, `money.Secret has unexported fields only, so it is sent as {}`,
	} {
		found := ""
		for _, p := range problems {
			if strings.Contains(p, want) {
				found = p
			}
		}
		line := pasted.FindStringSubmatch(found)
		if line == nil {
			t.Fatalf("no problem with a line to paste says %s:\n%s", want, strings.Join(problems, "\n"))
		}
		lines = append(lines, line[1])
	}
	if len(problems) != len(lines) {
		t.Errorf("%d problems, want one for each of %d types:\n%s", len(problems), len(lines), strings.Join(problems, "\n"))
	}
	a.write("casement.json", `{"types": {`+strings.Join(lines, ",\n")+`}}`)
	must(t, a.generate(), "export type Amount = unknown;", "export type Secret = Record<string, never>;")
}

func TestTheTableHasATypeForEachDirectionAndHoles(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `func main() {
	var r ipc.Router
	ipc.Handle(&r, "bill", give[money.Bill])
	ipc.Handle(&r, "pay", take[money.Bill])
	ipc.Handle(&r, "opt", give[map[string]money.Opt[[]money.Amount]])
	ipc.Handle(&r, "fee", give[money.Fee])
}`)
	a.write("casement.json", `{"types": {
		"example.com/bank/v2/money.Amount": {"toPage": "`+"`${number}`"+`", "toGo": "null | go.NumberString"},
		"example.com/bank/v2/money.*": {"toGo": "string | $0"},
		"example.com/bank/v2/money.Opt": "$1 | null"
	}}`)
	made := a.generate()
	must(t, made, "export type Amount = `${number}`;", "export type AmountInput = null | go.NumberString;", "import type * as go from '@casement/api/go';",
		"export type OptOfAmountList = Amount[] | null;", "export type CustomerInput = string | {\n  ID: string;\n  Name: string;\n};",
		"export interface Customer {\n  ID: string;", "fee(options?: InvokeOptions): Promise<Amount>")
	a.write("page.ts", made)
	if said := a.compile(); said != "" {
		t.Error(said)
	}
}

func TestADirectiveOnAnAliasCounts(t *testing.T) {
	t.Parallel()
	a := bankApp(t, "// Amount is money.\n//\n//casement:ts `${number}`\ntype Amount = money.Amount\n\n"+
		"//casement:ts 'a' | 'b'\ntype Grade = string\n\n"+`type Own struct {
	Grade Grade
	Plain string
	Bill  struct{ Line money.Line }
}

func main() {
	var r ipc.Router
	ipc.Handle(&r, "own", give[Own])
}`)
	must(t, a.generate(), "export type Amount = `${number}`;", "Grade: 'a' | 'b';", "Plain: string;", "Price: Amount;")
}

func TestATableThatIsWrongIsAProblem(t *testing.T) {
	t.Parallel()
	a := bankApp(t, "func main() { ipc.Handle(new(ipc.Router), \"ok\", give[int]) }")
	for table, says := range map[string]string{
		`{"example.com/bank/v2/money.Amuont": "string"}`:    `casement.json: types["example.com/bank/v2/money.Amuont"]: example.com/bank/v2/money has no type Amuont`,
		`{"example.com/bank/money.Amount": "string"}`:       `the app does not import example.com/bank/money`,
		`{"example.com/bank/v2/money.Amount": {"to": "x"}}`: `casement.json: types: a type in TypeScript is a string, or an object`,
		`{`: `casement.json: unexpected end of file`,
	} {
		a.write("casement.json", `{"types": `+table+`}`)
		if table == "{" {
			a.write("casement.json", table)
		}
		if got := strings.Join(a.problems(), "\n"); !strings.Contains(got, says) {
			t.Errorf("%s: %s, want %s", table, got, says)
		}
	}
}

// The app can't change the source of another module, so the problem is reported where the app uses it.
func TestAProblemOfAnotherModuleIsTheRegistrations(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `func main() {
	var r ipc.Router
	ipc.Handle(&r, "hooks", give[money.Hooks])
}`)
	problems := a.problems()
	if len(problems) != 1 || !strings.Contains(problems[0], `main.go:13:2: command "hooks": money.Hooks.Before and 1 more (`) ||
		!strings.Contains(problems[0], "a func has no JSON; copy what the page needs into a type of your own") {
		t.Errorf("got %q", problems)
	}
}

func TestEnumerationsOfOtherModulesAreOpen(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `type Suit string

const (
	Clubs  Suit = "clubs"
	Hearts Suit = "hearts"
)

type Hand struct {
	Suit     Suit
	State    money.State
	ByState  map[money.State]int
	BySuit   map[Suit]int
	Priority money.Priority
}

func main() {
	var r ipc.Router
	ipc.Handle(&r, "hand", give[Hand])
}`)
	a.write("page.ts", a.generate()+`
const hand: Hand = { Suit: 'clubs', State: '', ByState: { other: 1, open: 2 }, BySuit: { spoons: 1 }, Priority: 0 };
export const state: State = 'new in the next version', count: number | undefined = hand.ByState?.['open'];
// @ts-expect-error: one's own are as they are declared.
export const suit: Suit = 'spoons';
`)
	must(t, a.generate(), "export type State = 'open' | 'paid' | '' | (string & {});", "export type Priority = 1 | 2 | 0 | (number & {});",
		"export type Suit = 'clubs' | 'hearts';")
	if said := a.compile(); said != "" {
		t.Error(said)
	}
}

func TestAClosedTypeNeedsTheMethodThatTheCheckAsks(t *testing.T) {
	t.Parallel()
	const source = `// A Suit is one of two.
//
//casement:closed
type Suit string

const (
	Clubs  Suit = "clubs"
	Hearts Suit = "hearts"
)

func main() {
	var r ipc.Router
	ipc.Handle(&r, "hand", give[map[Suit]Suit])
}

`
	problems := bankApp(t, source).problems()
	method := `func (Suit) ClosedValues() []Suit { return []Suit{Clubs, Hearts} }`
	if len(problems) != 1 || !strings.Contains(problems[0], "main.Suit: it is closed, so it needs a method that lists its values; write it so:\n\t"+method) {
		t.Fatalf("got %q", problems)
	}
	must(t, bankApp(t, source+method).generate(), "export type Suit = 'clubs' | 'hearts';", "{ [key in Suit]?: Suit }")
	if problems := bankApp(t, source+strings.Replace(method, ", Hearts", "", 1)).problems(); len(problems) != 1 {
		t.Errorf("a constant is missing in the list: %q", problems)
	}
}

// Methods of pointers are called only where a pointer reaches the value.
func TestAValueWhosePointerMarshalsIsNamedForWhatItSends(t *testing.T) {
	t.Parallel()
	const source = `type Point struct{ X, Y int }

//casement:ts never
type Unused = money.Line

func (p *Point) MarshalJSON() ([]byte, error) { return []byte("\"1,2\""), nil }

type Line struct{ From, To Point }

func main() {
	var r ipc.Router
	ipc.Handle(&r, "value", give[Line])
%s}`
	made := bankApp(t, strings.Replace(source, "%s", "", 1)).generate()
	must(t, made, "From: Point;", "export interface Point {\n  X: number;")
	problems := bankApp(t, strings.Replace(source, "%s", "\tipc.Handle(&r, \"pointer\", give[*Line])\n", 1)).problems()
	if len(problems) == 0 || !strings.Contains(problems[0], "main.Line.From: main.Point writes its own JSON") {
		t.Errorf("got %q", problems)
	}
	big := bankApp(t, `type Sum struct{ I big.Int }

func main() {
	var r ipc.Router
	ipc.Handle(&r, "value", give[Sum])
}`)
	text, err := os.ReadFile(filepath.Join(big.dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	big.write("main.go", strings.Replace(string(text), "import (", "import (\n\t\"math/big\"", 1))
	if problems := big.problems(); !strings.Contains(problems[0], "main.Sum.I: MarshalJSON of big.Int has a pointer receiver, so values do not use "+
		"it and are sent as {}; use *big.Int") {
		t.Errorf("got %q", problems)
	}
	big.write("main.go", strings.ReplaceAll(strings.Replace(string(text), "import (", "import (\n\t\"math/big\"", 1), "give[Sum]", "give[*Sum]"))
	must(t, big.generate(), "I: Int;", "export type Int = number;")
}

func TestNamesOfTheLanguageStayItsOwn(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `type Map struct{ X int }

type Error struct{ Code int }

func main() {
	var r ipc.Router
	ipc.Handle(&r, "map", give[Map])
	ipc.Handle(&r, "error", give[Error])
	ipc.Handle(&r, "event", give[money.Event])
}`)
	must(t, a.generate(), "export interface AppMap ", "export interface AppError ", "export interface MoneyEvent ")
}

func TestInstancesOfOneNameHaveTheirPackages(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `type Line struct{ A int }

type List[T any] struct{ Items []T }

func main() {
	var r ipc.Router
	ipc.Handle(&r, "own", give[List[Line]])
	ipc.Handle(&r, "other", give[List[money.Line]])
}`)
	a.write("casement.json", `{"types": {"example.com/bank/v2/money.Amount": "string"}}`)
	must(t, a.generate(), "export interface ListOfAppLine ", "export interface ListOfMoneyLine ")
}

func TestAMissingModuleSaysWhatToRun(t *testing.T) {
	t.Parallel()
	a := newApp(t, "package main\n\nimport _ \"example.org/elsewhere/thing\"\n\nfunc main() {}\n")
	problems := a.problems()
	if !strings.Contains(problems[0], "main.go:3:8") || !strings.Contains(problems[0], "go get example.org/elsewhere/thing") {
		t.Errorf("got %q", problems)
	}
}

func TestDocCommentsOfOthersAreOptional(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `// A Box has a line.
type Box struct{ Line money.Line }

func main() {
	var r ipc.Router
	ipc.Handle(&r, "box", give[Box])
}`)
	a.write("casement.json", `{"types": {"example.com/bank/v2/money.Amount": "string"}}`)
	must(t, a.generate(), "/** A Box has a line. */", "/** A Line is one of a Bill. */")
	made := string(typeScript(t, generate.Options{Dir: a.dir, OwnDocs: true}))
	must(t, made, "/** A Box has a line. */")
	if strings.Contains(made, "A Line is one of a Bill.") {
		t.Error("another module's comment is there")
	}
}

func TestATypeThatMentionsGoAnywhereImportsIt(t *testing.T) {
	t.Parallel()
	a := bankApp(t, `type Box struct {
	//casement:ts null | go.Time
	At any
}

func main() {
	var r ipc.Router
	ipc.Handle(&r, "box", give[Box])
}`)
	a.write("page.ts", a.generate())
	if said := a.compile(); said != "" {
		t.Error(said)
	}
}

func TestAMessageNeedsTheImport(t *testing.T) {
	t.Parallel()
	a := newApp(t, `package main

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"casement/ipc"
)

type Note struct{ At, Until *timestamppb.Timestamp }

func main() {
	var r ipc.Router
	ipc.Handle(&r, "note", func(context.Context, struct{}) (n Note, err error) { return n, nil })
}
`)
	problems := a.problems()
	if len(problems) != 1 || !strings.Contains(problems[0], "main.go:15:2: command \"note\": timestamppb.Timestamp is a protobuf message, which has "+
		"JSON of its own (main.Note.At); add this line to the app's imports:\n\timport _ \"casement/protobuf\"") {
		t.Fatalf("got %q", problems)
	}
	text, err := os.ReadFile(filepath.Join(a.dir, "main.go"))
	if err != nil {
		t.Fatal(err)
	}
	a.write("main.go", strings.Replace(string(text), `"casement/ipc"`, "\"casement/ipc\"\n\t_ \"casement/protobuf\"", 1))
	must(t, a.generate(), "At: go.Time | null;")
}

func TestALenientCommandTakesLessInThePageToo(t *testing.T) {
	t.Parallel()
	a := newApp(t, `package main

import (
	"context"

	"casement/channels"
	"casement/ipc"
)

type Args struct {
	Name  string
	Lines []struct{ SKU string; Count int }
	To    channels.Channel[int]
	Data  []byte
}

func do(context.Context, Args) (struct{}, error) { return struct{}{}, nil }

func main() {
	var r ipc.Router
	ipc.Handle(&r, "strict", do)
	ipc.Handle(&r, "lenient", do, ipc.Inline(), ipc.Lenient())
}
`)
	made := a.generate()
	must(t, made, "lenient(args: Lenient<Args> = {}, options?: InvokeOptions)", "strict(args: Args, options?: InvokeOptions)")
	a.write("page.ts", `import { Channel } from '@casement/api/core';
import { commands } from './bindings.gen.js';

await commands.lenient({ Name: null, Lines: [{ SKU: 'a' }, null], To: new Channel<number>(), Data: new ArrayBuffer(1) });
await commands.lenient();
const theirs = { Name: 'x', more: 1 };
await commands.lenient(theirs);
// @ts-expect-error: a number is still no string
await commands.lenient({ Name: 1 });
// @ts-expect-error: strict is strict
await commands.strict({ Name: 'x' });
`)
	if said := a.compile(); said != "" {
		t.Error(said)
	}
}
