// Command table writes the fields of every kind that a client can write in protobuf, as the Rust that reads them:
//
//	go run ./cmd/table > ../../../rust/wire/src/kubernetes/protobuf/table.rs
//
// The numbers are those of the struct tags `protobuf`, and the names those of the tags `json`, so that what is read of
// a body is what Go would have written as JSON. A type that Go writes in a way of its own has to be named here.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strconv"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"narrows.test/cluster/cmd/kinds"
)

// wellKnown types are written as JSON in ways of their own.
var wellKnown = map[reflect.Type]string{
	reflect.TypeFor[meta.Time]():            "Time",
	reflect.TypeFor[meta.MicroTime]():       "MicroTime",
	reflect.TypeFor[resource.Quantity]():    "Quantity",
	reflect.TypeFor[intstr.IntOrString]():   "IntOrString",
	reflect.TypeFor[runtime.RawExtension](): "Json",
	reflect.TypeFor[meta.FieldsV1]():        "Json",
	reflect.TypeFor[apiextensions.JSON]():   "Json",
}

// alternatives are messages of which JSON has the contents of one field alone.
var alternatives = map[reflect.Type]bool{
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrArray]():       true,
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrBool]():        true,
	reflect.TypeFor[apiextensions.JSONSchemaPropsOrStringArray](): true,
}

var scalars = map[reflect.Kind]string{
	reflect.Bool:    "Bool",
	reflect.Int32:   "Int32",
	reflect.Int64:   "Int64",
	reflect.Float64: "Double",
	reflect.String:  "Text",
}

// messages are the types that have been met, and their fields.
var messages = map[reflect.Type][]field{}

type field struct {
	number             int
	name, arity, value string
}

func main() {
	log.SetFlags(0)
	all := kinds.All()
	for _, kind := range all {
		read(kind.Type)
	}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	fmt.Fprintln(out, "//! The fields of every kind that can be written in protobuf. Made by tests/cluster/server/cmd/table; do not edit.")
	fmt.Fprintln(out, "\nuse super::schema::{\n    Arity::{Many, Map, One, Sparse},\n    Field, Kind, Message,\n    Value::{Alternatives, Bool, Bytes, Double, Int32, Int64, Inlined, IntOrString, Json, MicroTime, Nested, Quantity, Text, Texts, Time},\n};")
	fmt.Fprintf(out, "\n/// The version of Kubernetes whose kinds these are.\npub(super) const KUBERNETES: &str = %q;\n", kinds.Version())
	fmt.Fprintln(out, "\n/// In order of their versions and names.\npub(super) static KINDS: &[Kind] = &[")
	for _, kind := range all {
		fmt.Fprintf(out, "    Kind(%q, %q, &%s),\n", kind.APIVersion, kind.Kind, name(kind.Type))
	}
	fmt.Fprintln(out, "];")
	for _, of := range sorted() {
		fmt.Fprintf(out, "\nstatic %s: Message = Message(&[\n", name(of))
		for _, each := range messages[of] {
			fmt.Fprintf(out, "    Field(%d, %q, %s, %s),\n", each.number, each.name, each.arity, each.value)
		}
		fmt.Fprintln(out, "]);")
	}
}

func read(of reflect.Type) {
	if _, met := messages[of]; met {
		return
	}
	messages[of] = nil
	var fields []field
	for i := range of.NumField() {
		if of.Field(i).Tag.Get("protobuf") != "" {
			fields = append(fields, fieldOf(of.Field(i), alternatives[of]))
		} else if of.Field(i).Type != reflect.TypeFor[meta.TypeMeta]() {
			log.Fatalf("%s.%s is not in protobuf", of, of.Field(i).Name)
		}
	}
	sort.Slice(fields, func(i, j int) bool { return fields[i].number < fields[j].number })
	messages[of] = fields
}

func fieldOf(of reflect.StructField, unnamed bool) field {
	number, err := strconv.Atoi(strings.Split(of.Tag.Get("protobuf"), ",")[1])
	if err != nil {
		log.Fatal(err)
	}
	name, options, _ := strings.Cut(of.Tag.Get("json"), ",")
	inline := options == "inline"
	if name == "" && !inline && !unnamed {
		log.Fatalf("%s has no name in JSON", of.Name)
	}
	found := field{number: number, name: name}
	found.arity, found.value = shapeOf(of.Type)
	left := strings.Contains(options, "omitzero") || strings.Contains(options, "omitempty") && isScalar(of.Type)
	switch {
	case inline:
		found.value = strings.Replace(found.value, "Nested", "Inlined", 1)
	case left && found.arity == "One":
		found.arity = "Sparse"
	}
	return found
}

// isScalar tells whether `omitempty` leaves out the zero of a type.
func isScalar(of reflect.Type) bool {
	_, known := scalars[of.Kind()]
	return known || isBytes(of)
}

func isBytes(of reflect.Type) bool {
	return of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Uint8
}

// shapeOf says how often a field comes, and what it holds.
func shapeOf(of reflect.Type) (arity, value string) {
	switch {
	case isBytes(of) || isTexts(of):
		return "One", valueOf(of)
	case of.Kind() == reflect.Pointer:
		return "One", valueOf(of.Elem())
	case of.Kind() == reflect.Slice:
		return "Many", valueOf(of.Elem())
	case of.Kind() == reflect.Map && of.Key().Kind() == reflect.String:
		return "Map", valueOf(of.Elem())
	}
	return "One", valueOf(of)
}

// isTexts tells whether a type is a list of strings which is a message, so that none can be told from an empty one.
func isTexts(of reflect.Type) bool {
	_, message := reflect.New(of).Interface().(interface{ Marshal() ([]byte, error) })
	return of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.String && message
}

func valueOf(of reflect.Type) string {
	if known, ok := wellKnown[of]; ok {
		return known
	}
	if scalar, ok := scalars[of.Kind()]; ok {
		return scalar
	}
	switch {
	case isBytes(of):
		return "Bytes"
	case isTexts(of):
		return "Texts"
	case of.Kind() != reflect.Struct:
		log.Fatalf("%s is of a kind that protobuf is not read of", of)
	}
	_, own := reflect.New(of).Interface().(interface{ MarshalJSON() ([]byte, error) })
	if own && !alternatives[of] {
		log.Fatalf("%s is written as JSON in a way of its own", of)
	}
	read(of)
	if alternatives[of] {
		return fmt.Sprintf("Alternatives(&%s)", name(of))
	}
	return fmt.Sprintf("Nested(&%s)", name(of))
}

var words = regexp.MustCompile(`([a-z0-9])([A-Z])|([A-Z])([A-Z][a-z])`)

// name makes a name for Rust of a type's package, version and name.
func name(of reflect.Type) string {
	path := strings.Split(of.PkgPath(), "/")
	group, version := path[len(path)-2], path[len(path)-1]
	snake := words.ReplaceAllString(of.Name(), "${1}${3}_${2}${4}")
	return strings.ToUpper(strings.Join([]string{group, version, snake}, "_"))
}

func sorted() []reflect.Type {
	var all []reflect.Type
	for of := range messages {
		all = append(all, of)
	}
	sort.Slice(all, func(i, j int) bool { return name(all[i]) < name(all[j]) })
	return all
}
