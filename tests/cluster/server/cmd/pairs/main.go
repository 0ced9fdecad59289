// Command pairs writes an object of every kind that a client can write in protobuf, in protobuf and as JSON, both by
// Kubernetes' own code:
//
//	go run ./cmd/pairs > ../../../rust/wire/tests/kubernetes_protobuf.pairs
//
// A pair is two lines: the body in base64, and the JSON. Between them the objects have every field of every message
// once; a message that has been filled before is left empty where it comes again, so that there is an end to it.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"reflect"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"

	"narrows.test/cluster/cmd/kinds"
)

func main() {
	scheme := kinds.Scheme()
	serializer := protobuf.NewSerializer(scheme, scheme)
	filler := filler{filled: map[reflect.Type]bool{}}
	for _, kind := range kinds.All() {
		object := reflect.New(kind.Type)
		filler.fill(object.Elem())
		typed := object.Interface().(runtime.Object)
		typed.GetObjectKind().SetGroupVersionKind(schema.FromAPIVersionAndKind(kind.APIVersion, kind.Kind))
		var body bytes.Buffer
		if err := serializer.Encode(typed, &body); err != nil {
			log.Fatal(err)
		}
		text, err := json.Marshal(typed)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s\n%s\n", base64.StdEncoding.EncodeToString(body.Bytes()), text)
	}
}

type filler struct {
	filled map[reflect.Type]bool
	count  int
}

// fill gives a value that no other has, as far as there are enough.
func (f *filler) fill(value reflect.Value) {
	f.count++
	switch at := value.Addr().Interface().(type) {
	case *meta.Time:
		*at = meta.Unix(int64(f.count)*86_399, 0)
		return
	case *meta.MicroTime:
		*at = meta.MicroTime{Time: time.UnixMicro(int64(f.count) * 86_399_000_001)}
		return
	case *resource.Quantity:
		*at = *resource.NewMilliQuantity(int64(f.count), resource.DecimalSI)
		return
	case *intstr.IntOrString:
		*at = intstr.FromInt32(int32(-f.count))
		if f.count%2 == 0 {
			*at = intstr.FromString(fmt.Sprint(f.count, "%"))
		}
		return
	case *runtime.RawExtension:
		at.Raw = f.document()
		return
	case *meta.FieldsV1:
		at.Raw = f.document()
		return
	case *apiextensions.JSON:
		at.Raw = f.document()
		return
	}
	switch value.Kind() {
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int32, reflect.Int64:
		value.SetInt(int64(f.count) * int64(1-2*(f.count%2)))
	case reflect.Float64:
		value.SetFloat(float64(f.count) + 0.5)
	case reflect.String:
		value.SetString(fmt.Sprintf("%d \"é\\\n\u2028", f.count))
	case reflect.Uint8:
		value.SetUint(uint64(f.count % 256))
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		f.fill(value.Elem())
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 2, 2))
		f.fill(value.Index(0))
		f.fill(value.Index(1))
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		held := reflect.New(value.Type().Elem()).Elem()
		f.fill(held)
		value.SetMapIndex(reflect.ValueOf(fmt.Sprint(f.count)).Convert(value.Type().Key()), held)
	case reflect.Struct:
		f.fillFields(value)
	default:
		log.Fatalf("%s is of a kind that is not filled", value.Type())
	}
}

func (f *filler) fillFields(value reflect.Value) {
	if f.filled[value.Type()] {
		return
	}
	f.filled[value.Type()] = true
	for i := range value.NumField() {
		if value.Type().Field(i).Tag.Get("protobuf") != "" {
			f.fill(value.Field(i))
		}
	}
}

func (f *filler) document() []byte {
	return fmt.Appendf(nil, `{"a":[%d,{"b":null}]}`, f.count)
}
