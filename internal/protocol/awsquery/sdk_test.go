package awsquery_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/google/go-cmp/cmp"

	"sallyport/internal/api"
	"sallyport/internal/api/iamapi"
	"sallyport/internal/api/stsapi"
	"sallyport/internal/protocol/awsquery"
)

// exchange answers the SDK's requests with the codec.
type exchange struct {
	svc    *api.Service
	in     any        // what the last request decoded to
	out    any        // what to answer
	failed *api.Error // what to answer instead
}

func (x *exchange) Do(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := awsquery.ParseForm(string(body))
	if err != nil {
		return nil, err
	}
	op, ok := x.svc.Operation(form.Get("Action"))
	if !ok || form.Get("Version") != x.svc.APIVersion {
		return nil, fmt.Errorf("unknown operation in %s", body)
	}
	x.in = op.NewInput()
	if err := awsquery.Decode(op, form, x.in); err != nil {
		return nil, fmt.Errorf("%w in %s", err, body)
	}
	status, doc := 200, []byte(nil)
	if x.failed != nil {
		status, doc = x.failed.Status, awsquery.AppendError(nil, x.svc, x.failed, requestID)
	} else {
		doc = awsquery.Append(nil, op, x.out, requestID)
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/xml"}},
		Body: io.NopCloser(bytes.NewReader(doc)), Request: r}, nil
}

// sample fills v in full with values that differ from each other.
type sample struct{ n int }

func (s *sample) fill(v reflect.Value) {
	s.n++
	switch x := v.Addr().Interface().(type) {
	case *time.Time:
		*x = time.Unix(1700000000+int64(s.n), 0).UTC()
		return
	case *types.PolicyIdentifier:
		*x = &types.PolicyIdentifierMemberPolicyArn{Value: fmt.Sprint("arn", s.n)}
		return
	case *[]byte:
		*x = fmt.Append(nil, "blob", s.n)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		s.fill(v.Elem())
	case reflect.String:
		v.SetString(fmt.Sprintf("<text> & 'ü' %d", s.n))
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(s.n))
	case reflect.Float64:
		v.SetFloat(float64(s.n) + 0.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		s.fill(v.Index(0))
		s.fill(v.Index(1))
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, elem := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			s.fill(key)
			s.fill(elem)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && f.Name != "ResultMetadata" {
				s.fill(v.Field(i))
			}
		}
	default:
		panic("no sample of " + v.Type().String())
	}
}

// tree makes values of the SDK's and of our types comparable.
func tree(v reflect.Value) any {
	switch x := v.Interface().(type) {
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	case []byte:
		return string(x)
	}
	switch v.Kind() {
	case reflect.Interface: // a union of the SDK
		member := v.Elem().Elem()
		_, name, _ := strings.Cut(member.Type().Name(), "Member")
		return map[string]any{name: tree(member.Field(0))}
	case reflect.Pointer:
		return tree(v.Elem())
	case reflect.String:
		return v.String()
	case reflect.Int32, reflect.Int64:
		return v.Int()
	case reflect.Slice:
		list := []any{}
		for i := range v.Len() {
			list = append(list, tree(v.Index(i)))
		}
		return list
	case reflect.Map:
		m := map[string]any{}
		for _, k := range v.MapKeys() {
			m[k.String()] = tree(v.MapIndex(k))
		}
		return m
	case reflect.Struct:
		m := map[string]any{}
		for i := range v.NumField() {
			f := v.Type().Field(i)
			if !f.IsExported() || f.Name == "ResultMetadata" || v.Field(i).IsZero() {
				continue
			}
			m[f.Name] = tree(v.Field(i))
		}
		return m
	default:
		return v.Interface()
	}
}

// TestSDKExchange sends every operation of the official SDK with every
// member set through the codec and back, and compares both ways.
func TestSDKExchange(t *testing.T) {
	creds := credentials.NewStaticCredentialsProvider("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "")
	iamX, stsX := &exchange{svc: iamapi.Service}, &exchange{svc: stsapi.Service}
	endpoint := aws.String("http://localhost")
	for _, c := range []struct {
		x      *exchange
		client any
	}{
		{iamX, iam.New(iam.Options{Region: "us-east-1", Credentials: creds, HTTPClient: iamX, BaseEndpoint: endpoint, Retryer: aws.NopRetryer{}})},
		{stsX, sts.New(sts.Options{Region: "us-east-1", Credentials: creds, HTTPClient: stsX, BaseEndpoint: endpoint, Retryer: aws.NopRetryer{}})},
	} {
		for _, op := range c.x.svc.Operations {
			t.Run(op.Name, func(t *testing.T) {
				method := reflect.ValueOf(c.client).MethodByName(op.Name)
				input := reflect.New(method.Type().In(1).Elem())
				(&sample{}).fill(input.Elem())
				c.x.out = op.NewOutput()
				(&sample{}).fill(reflect.ValueOf(c.x.out).Elem())

				result := method.Call([]reflect.Value{reflect.ValueOf(context.Background()), input})
				if err := result[1].Interface(); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tree(input), tree(reflect.ValueOf(c.x.in))); diff != "" {
					t.Errorf("request (-SDK +decoded):\n%s", diff)
				}
				if diff := cmp.Diff(tree(reflect.ValueOf(c.x.out)), tree(result[0])); diff != "" {
					t.Errorf("response (-encoded +SDK):\n%s", diff)
				}
			})
		}
	}
	iamX.failed = iamapi.NoSuchEntityException("The user with name bob cannot be found.")
	client := iam.New(iam.Options{Region: "us-east-1", Credentials: creds, HTTPClient: iamX, BaseEndpoint: endpoint, Retryer: aws.NopRetryer{}})
	_, err := client.GetUser(context.Background(), &iam.GetUserInput{})
	var missing *types.NoSuchEntityException
	if !errors.As(err, &missing) || missing.ErrorMessage() != iamX.failed.Message || !strings.Contains(err.Error(), requestID) {
		t.Errorf("SDK sees %v", err)
	}
}
