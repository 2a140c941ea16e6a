// Package realtypes registers a command for each of the types that real backends return and that no app wrote. Each command
// returns what it takes.
package realtypes

import (
	"context"
	"crypto/x509"
	"database/sql"
	"math/big"
	"net"
	"net/http"
	"net/mail"
	"net/netip"
	"net/url"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-github/v74/github"
	"github.com/google/uuid"
	"github.com/guregu/null/v6"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/api/types/image"
	"github.com/moby/moby/api/types/network"
	"github.com/samber/mo"
	"github.com/shopspring/decimal"
	"github.com/stripe/stripe-go/v82"
	"go.mongodb.org/mongo-driver/v2/bson"
	"google.golang.org/genproto/googleapis/api/distribution"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"
	"gopkg.in/yaml.v3"
	"gorm.io/gorm"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"casement/ipc"
	_ "casement/protobuf"
)

// Args has the value that a command returns.
type Args[T any] struct {
	V T `json:"v"`
}

// Types are those that have a command, by its name.
type Types map[string]reflect.Type

func same[T any](s Types, name string) func(context.Context, Args[T]) (T, error) {
	s[name] = reflect.TypeFor[T]()
	return func(_ context.Context, a Args[T]) (T, error) { return a.V, nil }
}

// Register registers a command for each type.
func Register(r *ipc.Router, s Types) {
	// Kubernetes
	ipc.Handle(r, "pod", same[corev1.Pod](s, "pod"))
	ipc.Handle(r, "pod_list", same[corev1.PodList](s, "pod_list"))
	ipc.Handle(r, "service", same[corev1.Service](s, "service"))
	ipc.Handle(r, "config_map", same[corev1.ConfigMap](s, "config_map"))
	ipc.Handle(r, "secret", same[corev1.Secret](s, "secret"))
	ipc.Handle(r, "node", same[corev1.Node](s, "node"))
	ipc.Handle(r, "claim", same[corev1.PersistentVolumeClaim](s, "claim"))
	ipc.Handle(r, "kube_event", same[corev1.Event](s, "kube_event"))
	ipc.Handle(r, "deployment", same[appsv1.Deployment](s, "deployment"))
	ipc.Handle(r, "stateful_set", same[appsv1.StatefulSet](s, "stateful_set"))
	ipc.Handle(r, "job", same[batchv1.Job](s, "job"))
	ipc.Handle(r, "ingress", same[networkingv1.Ingress](s, "ingress"))
	ipc.Handle(r, "role", same[rbacv1.Role](s, "role"))
	ipc.Handle(r, "kube_time", same[metav1.Time](s, "kube_time"))
	ipc.Handle(r, "micro_time", same[metav1.MicroTime](s, "micro_time"))
	ipc.Handle(r, "kube_duration", same[metav1.Duration](s, "kube_duration"))
	ipc.Handle(r, "quantity", same[resource.Quantity](s, "quantity"))
	ipc.Handle(r, "resource_list", same[corev1.ResourceList](s, "resource_list"))
	ipc.Handle(r, "int_or_string", same[intstr.IntOrString](s, "int_or_string"))

	// GitHub
	ipc.Handle(r, "repository", same[github.Repository](s, "repository"))
	ipc.Handle(r, "pull_request", same[github.PullRequest](s, "pull_request"))
	ipc.Handle(r, "issue", same[github.Issue](s, "issue"))
	ipc.Handle(r, "github_event", same[github.Event](s, "github_event"))
	ipc.Handle(r, "push_event", same[github.PushEvent](s, "push_event"))
	ipc.Handle(r, "github_timestamp", same[github.Timestamp](s, "github_timestamp"))

	// Stripe
	ipc.Handle(r, "customer", same[stripe.Customer](s, "customer"))
	ipc.Handle(r, "charge", same[stripe.Charge](s, "charge"))
	ipc.Handle(r, "payment_intent", same[stripe.PaymentIntent](s, "payment_intent"))
	ipc.Handle(r, "customer_params", same[stripe.CustomerParams](s, "customer_params"))

	// Docker
	ipc.Handle(r, "inspect_response", same[container.InspectResponse](s, "inspect_response"))
	ipc.Handle(r, "create_request", same[container.CreateRequest](s, "create_request"))
	ipc.Handle(r, "container_summary", same[container.Summary](s, "container_summary"))
	ipc.Handle(r, "image_inspect", same[image.InspectResponse](s, "image_inspect"))
	ipc.Handle(r, "network_inspect", same[network.Inspect](s, "network_inspect"))
	ipc.Handle(r, "docker_event", same[events.Message](s, "docker_event"))

	// AWS
	ipc.Handle(r, "table_description", same[ddb.TableDescription](s, "table_description"))
	ipc.Handle(r, "describe_table", same[dynamodb.DescribeTableOutput](s, "describe_table"))
	ipc.Handle(r, "key_schema", same[ddb.KeySchemaElement](s, "key_schema"))

	// Documents
	ipc.Handle(r, "openapi", same[*openapi3.T](s, "openapi"))
	ipc.Handle(r, "openapi_schema", same[*openapi3.Schema](s, "openapi_schema"))
	ipc.Handle(r, "yaml_node", same[yaml.Node](s, "yaml_node"))

	// Databases
	ipc.Handle(r, "gorm_model", same[gorm.Model](s, "gorm_model"))
	ipc.Handle(r, "deleted_at", same[gorm.DeletedAt](s, "deleted_at"))
	ipc.Handle(r, "uuid", same[uuid.UUID](s, "uuid"))
	ipc.Handle(r, "null_uuid", same[uuid.NullUUID](s, "null_uuid"))
	ipc.Handle(r, "by_uuid", same[map[uuid.UUID]string](s, "by_uuid"))
	ipc.Handle(r, "decimal", same[decimal.Decimal](s, "decimal"))
	ipc.Handle(r, "null_decimal", same[decimal.NullDecimal](s, "null_decimal"))
	ipc.Handle(r, "postgres", same[Postgres](s, "postgres"))
	ipc.Handle(r, "null", same[Null](s, "null"))
	ipc.Handle(r, "bson", same[BSON](s, "bson"))
	ipc.Handle(r, "option", same[mo.Option[string]](s, "option"))
	ipc.Handle(r, "option_of_struct", same[mo.Option[sql.NullString]](s, "option_of_struct"))
	ipc.Handle(r, "sql", same[SQL](s, "sql"))

	// Protobuf
	ipc.Handle(r, "timestamp", same[*timestamppb.Timestamp](s, "timestamp"))
	ipc.Handle(r, "proto_duration", same[*durationpb.Duration](s, "proto_duration"))
	ipc.Handle(r, "struct", same[*structpb.Struct](s, "struct"))
	ipc.Handle(r, "value", same[*structpb.Value](s, "value"))
	ipc.Handle(r, "int64_value", same[*wrapperspb.Int64Value](s, "int64_value"))
	ipc.Handle(r, "field_mask", same[*fieldmaskpb.FieldMask](s, "field_mask"))
	ipc.Handle(r, "descriptor", same[*descriptorpb.FileDescriptorProto](s, "descriptor"))
	ipc.Handle(r, "rpc_status", same[*status.Status](s, "rpc_status"))
	ipc.Handle(r, "bad_request", same[*errdetails.BadRequest](s, "bad_request"))
	ipc.Handle(r, "distribution", same[*distribution.Distribution](s, "distribution"))

	// The standard library
	ipc.Handle(r, "time", same[time.Time](s, "time"))
	ipc.Handle(r, "duration", same[time.Duration](s, "duration"))
	ipc.Handle(r, "month", same[time.Month](s, "month"))
	ipc.Handle(r, "weekday", same[time.Weekday](s, "weekday"))
	ipc.Handle(r, "addr", same[netip.Addr](s, "addr"))
	ipc.Handle(r, "addr_port", same[netip.AddrPort](s, "addr_port"))
	ipc.Handle(r, "prefix", same[netip.Prefix](s, "prefix"))
	ipc.Handle(r, "ip", same[net.IP](s, "ip"))
	ipc.Handle(r, "ip_net", same[net.IPNet](s, "ip_net"))
	ipc.Handle(r, "url", same[url.URL](s, "url"))
	ipc.Handle(r, "query", same[url.Values](s, "query"))
	ipc.Handle(r, "big_int", same[*big.Int](s, "big_int"))
	ipc.Handle(r, "big_float", same[*big.Float](s, "big_float"))
	ipc.Handle(r, "big_rat", same[*big.Rat](s, "big_rat"))
	ipc.Handle(r, "certificate", same[x509.Certificate](s, "certificate"))
	ipc.Handle(r, "cookie", same[http.Cookie](s, "cookie"))
	ipc.Handle(r, "header", same[http.Header](s, "header"))
	ipc.Handle(r, "mail_address", same[mail.Address](s, "mail_address"))
}

// Postgres has pgx's types.
type Postgres struct {
	Bool        pgtype.Bool
	Date        pgtype.Date
	Float4      pgtype.Float4
	Float8      pgtype.Float8
	Int2        pgtype.Int2
	Int4        pgtype.Int4
	Int8        pgtype.Int8
	Numeric     pgtype.Numeric
	Point       pgtype.Point
	Text        pgtype.Text
	Timestamp   pgtype.Timestamp
	Timestamptz pgtype.Timestamptz
	Uint32      pgtype.Uint32
	UUID        pgtype.UUID
}

// Null has the types of guregu/null.
type Null struct {
	Bool   null.Bool
	Byte   null.Byte
	Float  null.Float
	Int    null.Int
	Int16  null.Int16
	Int32  null.Int32
	String null.String
	Time   null.Time
	Value  null.Value[netip.Addr]
}

// BSON has MongoDB's types.
type BSON struct {
	ID      bson.ObjectID   `json:"_id"`
	At      bson.DateTime   `json:"at"`
	Decimal bson.Decimal128 `json:"decimal"`
	M       bson.M          `json:"m"`
	A       bson.A          `json:"a"`
	Doc     bson.D          `json:"doc"`
	Stamp   bson.Timestamp  `json:"stamp"`
}

// SQL has the types of database/sql.
type SQL struct {
	Bool    sql.NullBool
	Float   sql.NullFloat64
	Int     sql.NullInt64
	String  sql.NullString
	Time    sql.NullTime
	Generic sql.Null[netip.Addr]
}
