package protobuf_test

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"casement/internal/codec"
	"casement/internal/generate"
	"casement/internal/pagetest"
	"casement/ipc"
	"casement/protobuf/testdata/opaquepb"
	"casement/protobuf/testdata/openpb"
	"casement/protobuf/testdata/shop"
)

// order returns an order that has every field.
func order(t *testing.T) *openpb.Order {
	t.Helper()
	packed, err := anypb.New(&openpb.Line{Sku: "packed"})
	if err != nil {
		t.Fatal(err)
	}
	extra, err := structpb.NewStruct(map[string]any{"a": nil, "b": []any{1.5, "x", true}})
	if err != nil {
		t.Fatal(err)
	}
	line := &openpb.Line{Sku: "a</script>\u2028", Count: -3}
	return &openpb.Order{
		OrderId: math.MaxInt64, BuyerName: "Ann", Status: openpb.Status_STATUS_SHIPPED, Lines: []*openpb.Line{line, {}},
		BySku: map[string]*openpb.Line{"a": line}, ByNumber: map[int32]openpb.Status{-1: openpb.Status_STATUS_OPEN, 2: 77},
		ByBool: map[bool]string{true: "yes"}, Token: []byte{0, 255}, Total: math.Inf(1), Rate: 0.1, Retries: proto.Uint32(0),
		Marks: []uint64{math.MaxUint64}, Paid: true, Payment: &openpb.Order_Voucher{Voucher: math.MinInt64},
		Delivery: &openpb.Order_Pickup{Pickup: &emptypb.Empty{}}, At: timestamppb.New(time.Unix(1e9, 5)),
		Within: durationpb.New(90 * time.Second), Mask: &fieldmaskpb.FieldMask{Paths: []string{"buyer_name"}}, Extra: extra,
		AnyValue: structpb.NewNullValue(), List: &structpb.ListValue{Values: []*structpb.Value{structpb.NewNumberValue(1)}},
		MaybeLong: wrapperspb.Int64(1 << 60), MaybeText: wrapperspb.String(""), Packed: packed, Parent: &openpb.Order{OrderId: 1}, Renamed: "r",
	}
}

func opaque(t *testing.T) *opaquepb.Order {
	t.Helper()
	text, err := protojson.Marshal(&openpb.Order{
		OrderId: 1 << 60, Status: openpb.Status_STATUS_OPEN, Lines: []*openpb.Line{{Sku: "x"}},
		Payment: &openpb.Order_Card_{Card: &openpb.Order_Card{Number: "4242"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	m := new(opaquepb.Order)
	if err := protojson.Unmarshal(text, m); err != nil {
		t.Fatal(err)
	}
	return m
}

// What a page gets is what protobuf's own JSON is, and what it sends back is the same message.
func TestMessagesGoThroughAPageAndBack(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	shop.Register(&r)
	basket := shop.Basket{
		Name: "b", Order: order(t), Orders: []*openpb.Order{nil, {OrderId: 2}}, Count: 1 << 60,
		ByKey: map[string]*opaquepb.Line{"k": opaque(t).GetLines()[0]}, At: timestamppb.New(time.Unix(0, 0)),
	}
	var back shop.Basket
	ipc.Handle(&r, "give", func(context.Context, struct{}) (shop.Basket, error) { return basket, nil })
	ipc.Handle(&r, "give_opaque", func(context.Context, struct{}) (*opaquepb.Order, error) { return opaque(t), nil })
	ipc.Handle(&r, "take", func(_ context.Context, b shop.Basket) (struct{}, error) { back = b; return struct{}{}, nil })
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	w := pagetest.Open(t, &r)
	w.Must(`await invoke('take', await invoke('give'))`)
	if !proto.Equal(back.Order, basket.Order) || len(back.Orders) != 2 || back.Orders[0] != nil || !proto.Equal(back.Orders[1], basket.Orders[1]) ||
		!proto.Equal(back.ByKey["k"], basket.ByKey["k"]) || !proto.Equal(back.At, basket.At) || back.None != nil || back.Count != basket.Count {
		t.Errorf("got %+v, want %+v", back, basket)
	}
	for script, want := range map[string]string{
		`const b = await invoke('give'); return [b.order.orderId, b.order.status, b.order.voucher, b.order.total, b.order.at, b.order.within, b.order.byNumber['2'], b.count, b.none === undefined, b.line]`: `["9223372036854775807","STATUS_SHIPPED","-9223372036854775808","Infinity","2001-09-09T01:46:40.000000005Z","90s",77,"1152921504606846976",true,null]`,
		`return await invoke('opaque', await invoke('give_opaque'))`:           `{"orderId":"1152921504606846976","status":"STATUS_OPEN","lines":[{"sku":"x"}],"card":{"number":"4242"}}`,
		`return await invoke('any', {sku: 'x'})`:                               `{"line":{"sku":"x"}}`,
		`return await invoke('open', {iban: 'x', at: '2026-01-01T00:00:00Z'})`: `{"iban":"x","at":"2026-01-01T00:00:00Z"}`,
	} {
		if got := w.Must(script); got != want {
			t.Errorf("%s: %s, want %s", script, got, want)
		}
	}
	if got := w.Must(`const got = []; const c = channel(m => { got.push(m) }); await invoke('stream', {to: c}); await c.closed; return got`); got != `[{"sku":"a","count":1}]` {
		t.Errorf("a channel sends %s", got)
	}
}

func TestABadMessageNamesItsField(t *testing.T) {
	t.Parallel()
	var r ipc.Router
	shop.Register(&r)
	w := pagetest.Open(t, &r)
	const rest = `name: '', orders: [], byKey: {}, count: '1'`
	for script, says := range map[string]string{
		`await invoke('basket', {` + rest + `, orders: [null, {nope: 1}]})`:       `orders[1]: proto`,
		`await invoke('basket', {` + rest + `, byKey: {k: {sku: 1}}})`:            `byKey.k: proto`,
		`await invoke('basket', {` + rest + `, at: 'yesterday'})`:                 `at: proto`,
		`await invoke('basket', {` + rest + `, order: {card: {}, iban: 'both'}})`: `order: proto`,
		`await invoke('basket', {` + rest + `, extra: 1})`:                        `extra: unknown field`,
		`await invoke('basket', {name: ''})`:                                      `orders: missing`,
		`await invoke('basket', {` + rest + `, count: 'x'})`:                      `count: want an integer in a string`,
		`await invoke('open', {orderId: 'x'})`:                                    `open: proto`,
	} {
		if _, err := w.Run(script); err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), "bad_arguments") {
			t.Errorf("%s: %v, want %s", script, err, says)
		}
	}
	if got := w.Must(`return (await invoke('lenient', {order: {nope: 1, iban: 'x'}, more: 1})).order`); got != `{"iban":"x"}` {
		t.Errorf("a lenient command returns %s", got)
	}
}

// What stands beside messages is as encoding/json has it.
func TestWhatStandsBesideMessagesStaysTheSame(t *testing.T) {
	t.Parallel()
	type value struct {
		M       *openpb.Line      `json:"m"`
		V       []openpbLine      `json:"v,omitempty"`
		Zero    time.Time         `json:"zero,omitzero"`
		When    time.Time         `json:"when"`
		HTML    string            `json:"<&>"`
		Map     map[int]any       `json:"map"`
		Nil     map[string]string `json:"nil"`
		Array   [2]*openpb.Line   `json:"array"`
		Pointer **openpb.Line     `json:"pointer"`
		Q       string            `json:"q,string"`
		E       *int              `json:"e,omitempty"`
	}
	line := &openpb.Line{Sku: "a"}
	got, err := codec.Marshal(value{M: line, Map: map[int]any{2: line, 1: "<b>"}, Array: [2]*openpb.Line{nil, line}, Pointer: &line, Q: `"`})
	const want = `{"m":{"sku":"a"},"when":"0001-01-01T00:00:00Z","<&>":"","map":{"1":"<b>","2":{"sku":"a"}},"nil":null,"array":[null,{"sku":"a"}],"pointer":{"sku":"a"},"q":"\"\\\"\""}`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	var back value
	if err := codec.Decode(t.Context(), got, &back); err != nil {
		t.Fatal(err)
	}
	again, err := codec.Marshal(back)
	if err != nil || string(again) != want {
		t.Errorf("comes back as %s, %v", again, err)
	}
}

type openpbLine struct{ *openpb.Line }

// Types are those of protobuf's JSON. The golden file is compiled by the tests of the frontend.
func TestTheTypesAreThoseOfProtobufsJSON(t *testing.T) {
	t.Parallel()
	made, err := generate.TypeScript(t.Context(), generate.Options{Dir: "testdata/shop"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"status?: 'STATUS_UNSPECIFIED' | 'STATUS_OPEN' | 'STATUS_SHIPPED' | (number & {});", "orderId?: go.IntegerString;",
		"  | { card?: never; iban: string; voucher?: never }\n", "otherName?: string;", "at?: go.Time;", "within?: `${number}s`;", "nothing?: null;",
		"  | { card: OpaquepbOrder_Card; iban?: never; voucher?: never }\n", "open(args: OpenpbOrder = {}, options?: InvokeOptions): Promise<OpenpbOrder | null>",
		"placed: /* @__PURE__ */ defineEvent<OpenpbOrder | null>('placed')",
	} {
		if !strings.Contains(string(made), want) {
			t.Errorf("%s is missing in:\n%s", want, made)
		}
	}
	compile(t, string(made), order(t), opaque(t))
}

// compile compiles messages, as protobuf writes them, as values of the generated types.
func compile(t *testing.T, made string, values ...proto.Message) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	tsc := filepath.Join(root, "frontend/node_modules/typescript/bin/tsc")
	if _, err := os.Stat(tsc); err != nil {
		t.Skip("TypeScript is not installed: run make frontend")
	}
	dir := t.TempDir()
	page := "import type * as made from './made.gen.js';\n"
	for i, v := range values {
		text, err := protojson.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		kind := "OpenpbOrder"
		if strings.Contains(string(v.ProtoReflect().Descriptor().FullName()), "opaque") {
			kind = "OpaquepbOrder"
		}
		page += "export const v" + string(rune('0'+i)) + ": made." + kind + " = " + string(text) + ";\n"
	}
	page += "// @ts-expect-error: one of them at most\nexport const both: made.OpenpbOrder = { iban: 'x', voucher: '1' };\n"
	page += "// @ts-expect-error: an enum goes by name\nexport const status: made.OpenpbOrder = { status: 'STATUS_NOPE' };\n"
	for name, text := range map[string]string{
		"made.gen.ts": made, "page.ts": page,
		"tsconfig.json": `{"extends": "` + filepath.ToSlash(root) + `/frontend/tsconfig.base.json", "compilerOptions": {"skipLibCheck": false, "paths": {"@casement/api/*": ["` +
			filepath.ToSlash(root) + `/frontend/api/src/*.ts"]}}, "files": ["page.ts"]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "node", tsc, "-p", dir, "--pretty", "false").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// An app that does not import this package links nothing of protobuf.
func TestOthersLinkNothingOfProtobuf(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "casement/shell", "casement/ipc", "casement/events", "casement/channels",
		"casement/manifest", "casement/cmd/app", "casement/cmd/casement").Output()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(out), "casement/internal/codec\n") {
		t.Fatalf("go list says %s", out)
	}
	for path := range strings.Lines(string(out)) {
		if strings.HasPrefix(path, "google.golang.org/protobuf") || strings.HasPrefix(path, "casement/protobuf") {
			t.Errorf("an app links %s", strings.TrimSpace(path))
		}
	}
}
