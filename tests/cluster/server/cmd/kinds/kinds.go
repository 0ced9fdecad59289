// Package kinds knows what a client can write to an API server in protobuf.
package kinds

import (
	"fmt"
	"log"
	"reflect"
	"runtime/debug"
	"sort"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgo "k8s.io/client-go/kubernetes/scheme"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// Kind is one kind of one version, and the type that a body of it is of.
type Kind struct {
	APIVersion, Kind string
	Type             reflect.Type
}

// Scheme has the kinds of the API server, of custom resource definitions and of aggregated APIs.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgo.AddToScheme(scheme))
	utilruntime.Must(apiextensions.AddToScheme(scheme))
	utilruntime.Must(apiregistration.AddToScheme(scheme))
	return scheme
}

// All lists the kinds in order: what has metadata, since that is what is written, and the options of a delete, which
// every version has as its own. Lists, and the options that go into queries, have neither. What this version of
// Kubernetes no longer serves is left out.
func All() []Kind {
	var all []Kind
	for gvk, of := range Scheme().AllKnownTypes() {
		if isWritable(of) && isServed(of) {
			all = append(all, Kind{gvk.GroupVersion().String(), gvk.Kind, of})
		}
	}
	sort.Slice(all, func(i, j int) bool {
		if all[i].APIVersion != all[j].APIVersion {
			return all[i].APIVersion < all[j].APIVersion
		}
		return all[i].Kind < all[j].Kind
	})
	return all
}

// Version is the version of Kubernetes whose kinds these are.
func Version() string {
	built, _ := debug.ReadBuildInfo()
	for _, module := range built.Deps {
		if module.Path == "k8s.io/api" {
			return strings.Replace(module.Version, "v0.", "1.", 1)
		}
	}
	log.Fatal("this was built without k8s.io/api")
	return ""
}

func isWritable(of reflect.Type) bool {
	_, object := of.FieldByName("ObjectMeta")
	return object || of == reflect.TypeFor[meta.DeleteOptions]()
}

func isServed(of reflect.Type) bool {
	ends, known := reflect.New(of).Interface().(interface{ APILifecycleRemoved() (major, minor int) })
	if !known {
		return true
	}
	var major, minor int
	if _, err := fmt.Sscanf(Version(), "%d.%d", &major, &minor); err != nil {
		log.Fatal(err)
	}
	removedMajor, removedMinor := ends.APILifecycleRemoved()
	return removedMajor > major || removedMinor > minor
}
