package generate

import "casement/manifest"

// same returns an entry with one type for both directions.
func same(text string) manifest.TypeScript { return manifest.TypeScript{ToPage: text, ToGo: text} }

// builtin maps well-known types that encode their own JSON to TypeScript. The import paths have no
// major version. build/realtypes tests each entry with the module itself.
var builtin = map[string]manifest.TypeScript{
	"math/big.Int": same("number"),

	// All results of the AWS SDK hold this struct, which JSON encodes as {}.
	"github.com/aws/smithy-go/middleware.Metadata": same("Record<string, never>"),

	"github.com/google/uuid.NullUUID":           same("string | null"),
	"github.com/shopspring/decimal.Decimal":     {ToPage: "string", ToGo: "string | number"},
	"github.com/shopspring/decimal.NullDecimal": {ToPage: "string | null", ToGo: "string | number | null"},
	"gorm.io/gorm.DeletedAt":                    same("go.Time | null"),
	"github.com/samber/mo.Option":               same("$1 | null"),

	// These messages encode protobuf's JSON themselves.
	"google.golang.org/protobuf/types/known/structpb.ListValue": same("go.Json[]"),
	"google.golang.org/protobuf/types/known/structpb.Struct":    same("{ [key: string]: go.Json }"),
	"google.golang.org/protobuf/types/known/structpb.Value":     same("go.Json"),

	"k8s.io/apimachinery/pkg/api/resource.Quantity":   same("string"),
	"k8s.io/apimachinery/pkg/apis/meta/v1.Duration":   same("string"),
	"k8s.io/apimachinery/pkg/apis/meta/v1.FieldsV1":   same("go.Json"),
	"k8s.io/apimachinery/pkg/apis/meta/v1.MicroTime":  same("go.Time | null"),
	"k8s.io/apimachinery/pkg/apis/meta/v1.Time":       same("go.Time | null"),
	"k8s.io/apimachinery/pkg/runtime.RawExtension":    same("go.Json"),
	"k8s.io/apimachinery/pkg/util/intstr.IntOrString": same("number | string"),
	"github.com/google/go-github/github.Timestamp":    same("go.Time"),
	"github.com/stripe/stripe-go.*":                   {ToGo: "string | $0"},
	"github.com/stripe/stripe-go.PaymentSource":       {ToPage: "go.Json", ToGo: "go.Json"},
	"go.mongodb.org/mongo-driver/bson.D":              same("{ [key: string]: go.Json } | null"),
	"go.mongodb.org/mongo-driver/bson.DateTime":       same("go.Time"),
	"go.mongodb.org/mongo-driver/bson.Decimal128":     same("string"),
	"go.mongodb.org/mongo-driver/bson.ObjectID":       same("string"),
	"github.com/guregu/null.Bool":                     same("boolean | null"),
	"github.com/guregu/null.Byte":                     same("number | null"),
	"github.com/guregu/null.Float":                    same("number | null"),
	"github.com/guregu/null.Int":                      same("number | null"),
	"github.com/guregu/null.Int16":                    same("number | null"),
	"github.com/guregu/null.Int32":                    same("number | null"),
	"github.com/guregu/null.String":                   same("string | null"),
	"github.com/guregu/null.Time":                     same("go.Time | null"),
	"github.com/guregu/null.Value":                    same("$1 | null"),
	"github.com/jackc/pgx/pgtype.Bool":                same("boolean | null"),
	"github.com/jackc/pgx/pgtype.Date":                same("string | null"),
	"github.com/jackc/pgx/pgtype.Float4":              same("number | null"),
	"github.com/jackc/pgx/pgtype.Float8":              same("number | null"),
	"github.com/jackc/pgx/pgtype.Int2":                same("number | null"),
	"github.com/jackc/pgx/pgtype.Int4":                same("number | null"),
	"github.com/jackc/pgx/pgtype.Int8":                same("number | null"),
	"github.com/jackc/pgx/pgtype.Numeric":             same("number | 'NaN' | 'Infinity' | '-Infinity' | null"),
	"github.com/jackc/pgx/pgtype.Point":               same("string | null"),
	"github.com/jackc/pgx/pgtype.Text":                same("string | null"),
	"github.com/jackc/pgx/pgtype.Timestamp":           same("string | null"),
	"github.com/jackc/pgx/pgtype.Timestamptz":         same("go.Time | 'infinity' | '-infinity' | null"),
	"github.com/jackc/pgx/pgtype.UUID":                same("string | null"),
	"github.com/jackc/pgx/pgtype.Uint32":              same("number | null"),
}
