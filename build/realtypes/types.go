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
)

// Args has the value that a command returns.
type Args[T any] struct {
	V T `json:"v"`
}

func same[T any](_ context.Context, a Args[T]) (T, error) { return a.V, nil }

// Register registers a command for each type.
func Register(r *ipc.Router) {
	// Kubernetes
	ipc.Handle(r, "pod", same[corev1.Pod])
	ipc.Handle(r, "pod_list", same[corev1.PodList])
	ipc.Handle(r, "service", same[corev1.Service])
	ipc.Handle(r, "config_map", same[corev1.ConfigMap])
	ipc.Handle(r, "secret", same[corev1.Secret])
	ipc.Handle(r, "node", same[corev1.Node])
	ipc.Handle(r, "claim", same[corev1.PersistentVolumeClaim])
	ipc.Handle(r, "kube_event", same[corev1.Event])
	ipc.Handle(r, "deployment", same[appsv1.Deployment])
	ipc.Handle(r, "stateful_set", same[appsv1.StatefulSet])
	ipc.Handle(r, "job", same[batchv1.Job])
	ipc.Handle(r, "ingress", same[networkingv1.Ingress])
	ipc.Handle(r, "role", same[rbacv1.Role])
	ipc.Handle(r, "kube_time", same[metav1.Time])
	ipc.Handle(r, "micro_time", same[metav1.MicroTime])
	ipc.Handle(r, "kube_duration", same[metav1.Duration])
	ipc.Handle(r, "quantity", same[resource.Quantity])
	ipc.Handle(r, "resource_list", same[corev1.ResourceList])
	ipc.Handle(r, "int_or_string", same[intstr.IntOrString])

	// GitHub
	ipc.Handle(r, "repository", same[github.Repository])
	ipc.Handle(r, "pull_request", same[github.PullRequest])
	ipc.Handle(r, "issue", same[github.Issue])
	ipc.Handle(r, "github_event", same[github.Event])
	ipc.Handle(r, "push_event", same[github.PushEvent])
	ipc.Handle(r, "github_timestamp", same[github.Timestamp])

	// Stripe
	ipc.Handle(r, "customer", same[stripe.Customer])
	ipc.Handle(r, "charge", same[stripe.Charge])
	ipc.Handle(r, "payment_intent", same[stripe.PaymentIntent])
	ipc.Handle(r, "customer_params", same[stripe.CustomerParams])

	// Docker
	ipc.Handle(r, "inspect_response", same[container.InspectResponse])
	ipc.Handle(r, "create_request", same[container.CreateRequest])
	ipc.Handle(r, "container_summary", same[container.Summary])
	ipc.Handle(r, "image_inspect", same[image.InspectResponse])
	ipc.Handle(r, "network_inspect", same[network.Inspect])
	ipc.Handle(r, "docker_event", same[events.Message])

	// AWS
	ipc.Handle(r, "table_description", same[ddb.TableDescription])
	ipc.Handle(r, "describe_table", same[dynamodb.DescribeTableOutput])
	ipc.Handle(r, "key_schema", same[ddb.KeySchemaElement])

	// Documents
	ipc.Handle(r, "openapi", same[*openapi3.T])
	ipc.Handle(r, "openapi_schema", same[*openapi3.Schema])
	ipc.Handle(r, "yaml_node", same[yaml.Node])

	// Databases
	ipc.Handle(r, "gorm_model", same[gorm.Model])
	ipc.Handle(r, "deleted_at", same[gorm.DeletedAt])
	ipc.Handle(r, "uuid", same[uuid.UUID])
	ipc.Handle(r, "null_uuid", same[uuid.NullUUID])
	ipc.Handle(r, "by_uuid", same[map[uuid.UUID]string])
	ipc.Handle(r, "decimal", same[decimal.Decimal])
	ipc.Handle(r, "null_decimal", same[decimal.NullDecimal])
	ipc.Handle(r, "postgres", same[Postgres])
	ipc.Handle(r, "null", same[Null])
	ipc.Handle(r, "bson", same[BSON])
	ipc.Handle(r, "option", same[mo.Option[string]])
	ipc.Handle(r, "option_of_struct", same[mo.Option[sql.NullString]])
	ipc.Handle(r, "sql", same[SQL])

	// The standard library
	ipc.Handle(r, "time", same[time.Time])
	ipc.Handle(r, "duration", same[time.Duration])
	ipc.Handle(r, "month", same[time.Month])
	ipc.Handle(r, "weekday", same[time.Weekday])
	ipc.Handle(r, "addr", same[netip.Addr])
	ipc.Handle(r, "addr_port", same[netip.AddrPort])
	ipc.Handle(r, "prefix", same[netip.Prefix])
	ipc.Handle(r, "ip", same[net.IP])
	ipc.Handle(r, "ip_net", same[net.IPNet])
	ipc.Handle(r, "url", same[url.URL])
	ipc.Handle(r, "query", same[url.Values])
	ipc.Handle(r, "big_int", same[*big.Int])
	ipc.Handle(r, "big_float", same[*big.Float])
	ipc.Handle(r, "big_rat", same[*big.Rat])
	ipc.Handle(r, "certificate", same[x509.Certificate])
	ipc.Handle(r, "cookie", same[http.Cookie])
	ipc.Handle(r, "header", same[http.Header])
	ipc.Handle(r, "mail_address", same[mail.Address])
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
