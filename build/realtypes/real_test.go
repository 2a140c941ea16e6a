package realtypes_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"casement/internal/codec"
	"casement/internal/generate"
	"casement/internal/pagetest"
	"casement/ipc"
	"casement/realtypes"
)

var update = flag.Bool("update", false, "write the table in docs/types.md")

const (
	root = "../.."
	docs = root + "/docs/types.md"
)

// samples is real JSON by the names of commands: that of the modules' own documents, in what form these types have it.
var samples = map[string][]string{
	"kube_time":        {`"2026-01-02T03:04:05Z"`, `null`},
	"micro_time":       {`"2026-01-02T03:04:05.000006Z"`, `null`},
	"kube_duration":    {`"1h30m0s"`},
	"quantity":         {`"500m"`, `"128Mi"`, `"0"`},
	"resource_list":    {`{"cpu": "4", "nvidia.com/gpu": "1", "hugepages-2Mi": "1Gi"}`},
	"int_or_string":    {`8080`, `"http"`, `"25%"`},
	"github_timestamp": {`"2011-01-26T19:06:43Z"`},
	"yaml_node":        {`{"Kind": 8, "Style": 0, "Tag": "!!str", "Value": "a", "Anchor": "", "Alias": null, "Content": null, "HeadComment": "", "LineComment": "", "FootComment": "", "Line": 1, "Column": 1}`},
	"gorm_model":       {`{"ID": 1, "CreatedAt": "2026-01-02T03:04:05Z", "UpdatedAt": "2026-01-02T03:04:05Z", "DeletedAt": "2026-01-02T03:04:05Z"}`},
	"deleted_at":       {`null`, `"2026-01-02T03:04:05.123456789Z"`},
	"uuid":             {`"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`},
	"null_uuid":        {`"6ba7b810-9dad-11d1-80b4-00c04fd430c8"`, `null`},
	"by_uuid":          {`{"6ba7b810-9dad-11d1-80b4-00c04fd430c8": "a"}`},
	"decimal":          {`"136.02"`, `"-0.000000000000000000000001"`},
	"null_decimal":     {`"136.02"`, `null`},
	"postgres": {`{"Bool": true, "Date": "2026-01-02", "Float4": 1.5, "Float8": -2.25, "Int2": -1, "Int4": 2, "Int8": 9007199254740991, "Numeric": 12.5,
		"Point": "(1,2)", "Text": "x", "Timestamp": "2026-01-02T03:04:05", "Timestamptz": "2026-01-02T03:04:05Z", "Uint32": 7, "UUID": "6ba7b810-9dad-11d1-80b4-00c04fd430c8"}`,
		`{"Bool": null, "Date": "infinity", "Float4": null, "Float8": null, "Int2": null, "Int4": null, "Int8": null, "Numeric": "NaN",
		"Point": null, "Text": null, "Timestamp": "-infinity", "Timestamptz": "infinity", "Uint32": null, "UUID": null}`},
	"null": {`{"Bool": true, "Byte": 7, "Float": 1.5, "Int": 7, "Int16": 16, "Int32": 32, "String": "x", "Time": "2026-01-02T03:04:05Z", "Value": "::1"}`,
		`{"Bool": null, "Byte": null, "Float": null, "Int": null, "Int16": null, "Int32": null, "String": null, "Time": null, "Value": null}`},
	"bson":             {`{"_id": "507f1f77bcf86cd799439011", "at": "2026-01-02T03:04:05.006Z", "decimal": "1.5", "m": {"a": 1}, "a": ["x"], "doc": {"k": "v"}, "stamp": {"T": 1, "I": 2}}`},
	"option":           {`"x"`, `null`},
	"option_of_struct": {`{"String": "x", "Valid": true}`, `null`},
	"sql": {`{"Bool": {"Bool": true, "Valid": true}, "Float": {"Float64": 1.5, "Valid": true}, "Int": {"Int64": 1, "Valid": true}, "String": {"String": "x", "Valid": true},
		"Time": {"Time": "2026-01-02T03:04:05Z", "Valid": true}, "Generic": {"V": "::1", "Valid": true}}`},
	"time":           {`"2026-01-02T03:04:05.123456789Z"`},
	"duration":       {`1500000000`},
	"month":          {`1`, `0`},
	"weekday":        {`6`},
	"addr":           {`"fe80::1%eth0"`, `""`},
	"addr_port":      {`"127.0.0.1:80"`},
	"prefix":         {`"10.0.0.0/8"`},
	"ip":             {`"127.0.0.1"`},
	"big_int":        {`9007199254740991`, `null`},
	"big_float":      {`"1.5"`},
	"big_rat":        {`"3/2"`},
	"query":          {`{"q": ["a", "b"]}`},
	"header":         {`{"Content-Type": ["text/plain"]}`},
	"mail_address":   {`{"Name": "Ann", "Address": "ann@example.com"}`},
	"timestamp":      {`"2026-01-02T03:04:05.123Z"`},
	"proto_duration": {`"1.500s"`},
	"struct":         {`{"a": [1, null, {"b": true}]}`},
	"value":          {`"x"`, `[1]`},
	"int64_value":    {`"9223372036854775807"`},
	"field_mask":     {`"userName,photo.url"`},
	"descriptor":     {`{"name": "a.proto", "messageType": [{"name": "M", "field": [{"name": "id", "number": 1, "label": "LABEL_OPTIONAL", "type": "TYPE_INT64"}]}], "syntax": "proto3"}`},
	"rpc_status":     {`{"code": 5, "message": "not found", "details": [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [{"field": "name"}]}]}`},
	"bad_request":    {`{"fieldViolations": [{"field": "name", "description": "empty"}]}`},
	"distribution":   {`{"count": "3", "mean": 1.5, "bucketOptions": {"linearBuckets": {"numFiniteBuckets": 2, "width": 1}}, "bucketCounts": ["1", "2"]}`},
	"openapi_schema": {`{"type": "object", "properties": {"id": {"type": "integer"}}, "x-extension": [1]}`},
	"table_description": {`{"TableName": "Music", "TableStatus": "ACTIVE", "ItemCount": 5, "CreationDateTime": "2026-01-02T03:04:05Z",
		"KeySchema": [{"AttributeName": "Artist", "KeyType": "HASH"}], "ProvisionedThroughput": {"ReadCapacityUnits": 5}}`},
}

// files are real JSON in the modules' own test files, and in this one's, by the names of commands.
var files = map[string][][2]string{
	"pod":              {{"k8s.io/api", "testdata/HEAD/core.v1.Pod.json"}},
	"service":          {{"k8s.io/api", "testdata/HEAD/core.v1.Service.json"}},
	"config_map":       {{"k8s.io/api", "testdata/HEAD/core.v1.ConfigMap.json"}},
	"secret":           {{"k8s.io/api", "testdata/HEAD/core.v1.Secret.json"}},
	"node":             {{"k8s.io/api", "testdata/HEAD/core.v1.Node.json"}},
	"claim":            {{"k8s.io/api", "testdata/HEAD/core.v1.PersistentVolumeClaim.json"}},
	"kube_event":       {{"k8s.io/api", "testdata/HEAD/core.v1.Event.json"}},
	"deployment":       {{"k8s.io/api", "testdata/HEAD/apps.v1.Deployment.json"}},
	"stateful_set":     {{"k8s.io/api", "testdata/HEAD/apps.v1.StatefulSet.json"}},
	"job":              {{"k8s.io/api", "testdata/HEAD/batch.v1.Job.json"}},
	"ingress":          {{"k8s.io/api", "testdata/HEAD/networking.k8s.io.v1.Ingress.json"}},
	"role":             {{"k8s.io/api", "testdata/HEAD/rbac.authorization.k8s.io.v1.Role.json"}},
	"openapi":          {{"github.com/getkin/kin-openapi", "openapi3/testdata/components.openapi.json"}},
	"pull_request":     {{"", "testdata/pull_request.json"}},
	"customer":         {{"", "testdata/customer.json"}},
	"inspect_response": {{"", "testdata/inspect_response.json"}},
}

func TestValuesFitTheirTypesAndComeBack(t *testing.T) {
	var router ipc.Router
	types := realtypes.Types{}
	realtypes.Register(&router, types)
	if err := router.Err(); err != nil {
		t.Fatal(err)
	}
	made, err := generate.TypeScript(t.Context(), generate.Options{Dir: ".", OwnDocs: true})
	if err != nil {
		t.Fatal(err)
	}
	w := pagetest.Open(t, &router)
	page := "import { commands } from './real.gen.js';\n"
	var rows []string
	for _, name := range slices.Sorted(maps.Keys(types)) {
		values := valuesOf(t, name, types[name])
		if len(values) == 0 {
			t.Errorf("%s: no values", name)
		}
		for i, text := range values {
			function := camel(name)
			page += fmt.Sprintf("export const %s_r%d: Awaited<ReturnType<typeof commands.%[1]s>> = %[3]s;\n", function, i, text)
			page += fmt.Sprintf("export const %s_a%d: Parameters<typeof commands.%[1]s>[0] = { v: %[3]s };\n", function, i, text)
			got, err := w.Run("return await invoke('" + name + "', {v: JSON.parse(" + quote(text) + ")})")
			switch {
			case err != nil:
				t.Errorf("%s: %v: %.400s", name, err, text)
			case !equal(got, again(t, text, types[name])):
				t.Errorf("%s: sent %.300s, got back %.300s", name, text, got)
			}
		}
		rows = append(rows, fmt.Sprintf("| `%s` | %d | same |", strings.ReplaceAll(types[name].String(), "realtypes.", ""), len(values)))
	}
	compile(t, string(made), page)
	table(t, "types", "| Go type | values | result |\n|---|---|---|\n"+strings.Join(rows, "\n")+"\n")
}

// valuesOf returns values of a type, as Go sends them: the zero value, values with something in every field, and real ones.
func valuesOf(t *testing.T, name string, typ reflect.Type) (all []string) {
	t.Helper()
	add := func(v reflect.Value, what string) {
		text, err := codec.Marshal(v.Interface())
		if err != nil {
			t.Errorf("%s: %s: %v", name, what, err)
			return
		}
		all = append(all, string(text))
	}
	texts := slices.Clone(samples[name])
	for _, file := range files[name] {
		dir := "."
		if file[0] != "" {
			out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", file[0]).Output()
			if err != nil {
				t.Fatal(err)
			}
			dir = strings.TrimSpace(string(out))
		}
		text, err := os.ReadFile(filepath.Join(dir, file[1]))
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	for _, text := range texts {
		v := reflect.New(typ)
		if err := codec.Unmarshal([]byte(text), v.Interface()); err != nil {
			t.Errorf("%s: %v: %.200s", name, err, text)
			continue
		}
		add(v.Elem(), "a sample")
		if strings.HasPrefix(text, `"`) || len(text) < 100 {
			var compact bytes.Buffer
			if err := json.Compact(&compact, []byte(text)); err == nil && !equal(compact.String(), all[len(all)-1]) {
				t.Errorf("%s: the sample %s is sent as %s", name, text, all[len(all)-1])
			}
		}
	}
	if name == "certificate" {
		add(reflect.ValueOf(certificate(t)), "a real one")
	}
	add(reflect.Zero(typ), "zero")
	for size := range 3 {
		if name == "certificate" {
			break // Its object identifiers are not just any.
		}
		v := reflect.New(typ).Elem()
		f := filler{n: size}
		f.fill(v, 0)
		if f.filled > 0 {
			add(v, "filled")
		}
	}
	return all
}

func certificate(t *testing.T) x509.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(42), Subject: pkix.Name{CommonName: "example.com"}, NotAfter: time.Unix(2e9, 0), DNSNames: []string{"example.com"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	c.PublicKey = nil // Its coordinates are integers of 256 bits.
	return *c
}

// A filler puts something into every field that encoding/json derives from Go. Types with JSON of their own stay zero.
type filler struct{ n, filled int }

func (f *filler) fill(v reflect.Value, depth int) {
	t := v.Type()
	if depth > 6 || !v.CanSet() || ownJSON(t) {
		return
	}
	f.n++
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(f.n%2 == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(f.n % 100))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(f.n % 100))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(f.n) / 4)
	case reflect.String:
		v.SetString(fmt.Sprintf("text %d", f.n))
	case reflect.Pointer:
		if depth < 6 && !ownJSON(t.Elem()) {
			v.Set(reflect.New(t.Elem()))
			f.fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(t, 2, 2))
		for i := range 2 {
			f.fill(v.Index(i), depth+1)
		}
	case reflect.Array:
		for i := range v.Len() {
			f.fill(v.Index(i), depth+1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(t))
		key, value := reflect.New(t.Key()).Elem(), reflect.New(t.Elem()).Elem()
		f.fill(key, depth+1)
		f.fill(value, depth+1)
		v.SetMapIndex(key, value)
	case reflect.Interface:
		if t.NumMethod() == 0 {
			v.Set(reflect.ValueOf(fmt.Sprintf("any %d", f.n)))
		}
		return
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), depth+1)
		}
		return
	default:
		return
	}
	f.filled++
}

func ownJSON(t reflect.Type) bool {
	for _, p := range []reflect.Type{t, reflect.PointerTo(t)} {
		if t.Kind() == reflect.Pointer {
			break
		}
		for _, contract := range []reflect.Type{
			reflect.TypeFor[json.Marshaler](), reflect.TypeFor[interface{ MarshalText() ([]byte, error) }](),
			reflect.TypeFor[proto.Message](),
		} {
			if p.Implements(contract) {
				return true
			}
		}
	}
	return false
}

// again returns a text as encoding/json, or protobuf's JSON, reads and writes it: a null that a tag leaves out is gone.
func again(t *testing.T, text string, typ reflect.Type) string {
	t.Helper()
	v := reflect.New(typ)
	if err := codec.Unmarshal([]byte(text), v.Interface()); err != nil {
		t.Fatal(err)
	}
	written, err := codec.Marshal(v.Elem().Interface())
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

// equal reports whether two texts are the same JSON.
func equal(a, b string) bool {
	var x, y any
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && reflect.DeepEqual(x, y)
}

func quote(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func camel(name string) string {
	words := strings.Split(name, "_")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// compile compiles a page with the generated types, and without skipLibCheck.
func compile(t *testing.T, made, page string) {
	t.Helper()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	tsc := filepath.Join(top, "frontend/node_modules/typescript/bin/tsc")
	dir := t.TempDir()
	for name, text := range map[string]string{
		"real.gen.ts": made, "page.ts": page,
		"tsconfig.json": `{"extends": "` + filepath.ToSlash(top) + `/frontend/tsconfig.base.json", "compilerOptions": {"skipLibCheck": false, "paths": {"@casement/api/*": ["` +
			filepath.ToSlash(top) + `/frontend/api/src/*.ts"]}}, "files": ["page.ts"]}`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.CommandContext(t.Context(), "node", "--max-old-space-size=4096", tsc, "-p", dir, "--pretty", "false").CombinedOutput()
	if err != nil {
		lines := strings.Split(page, "\n")
		for line := range strings.Lines(string(out)) {
			var at int
			if _, err := fmt.Sscanf(regexp.MustCompile(`page\.ts\(\d+`).FindString(line), "page.ts(%d", &at); err == nil {
				line += fmt.Sprintf("\t%.500s", lines[at-1])
			}
			t.Error(line)
		}
	}
}

// table compares the table in the documentation with what the test found.
func table(t *testing.T, name, found string) {
	t.Helper()
	begin, end := "<!-- "+name+": make test-types writes this table -->\n", "<!-- end of "+name+" -->"
	text, err := os.ReadFile(docs)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	_, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has no place for the table", docs)
	}
	want := before + begin + found + end + after
	if *update && !t.Failed() {
		if err := os.WriteFile(docs, []byte(want), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if want != string(text) {
		t.Errorf("the table in %s is out of date; run make test-types TYPESFLAGS=-update", docs)
	}
}

// BenchmarkPod generates the bindings of a small app that returns a Pod.
func BenchmarkPod(b *testing.B) {
	for b.Loop() {
		if _, err := generate.TypeScript(b.Context(), generate.Options{Dir: ".", Patterns: []string{"./pod"}}); err != nil {
			b.Fatal(err)
		}
	}
}
