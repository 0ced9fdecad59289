// Command typed does what a controller does, with Go's typed client, which writes protobuf and would rather read it:
//
//	go run ./cmd/typed KUBECONFIG NAMESPACE
package main

import (
	"context"
	"fmt"
	"log"
	"os"

	apps "k8s.io/api/apps/v1"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
)

func main() {
	log.SetFlags(0)
	config, err := clientcmd.BuildConfigFromFlags("", os.Args[1])
	must(err)
	config.ContentType = runtime.ContentTypeProtobuf
	client, err := kubernetes.NewForConfig(config)
	must(err)
	deployments := client.AppsV1().Deployments(os.Args[2])
	ctx := context.Background()

	_, err = deployments.Create(ctx, deployment(), meta.CreateOptions{})
	must(err)
	watch, err := deployments.Watch(ctx, meta.ListOptions{FieldSelector: "metadata.name=typed"})
	must(err)
	defer watch.Stop()
	var changed *apps.Deployment
	must(retry.RetryOnConflict(retry.DefaultRetry, func() error {
		found, err := deployments.Get(ctx, "typed", meta.GetOptions{})
		must(err)
		found.Spec.Template.Spec.Containers[0].Image = "registry.example/shop/web:2"
		changed, err = deployments.Update(ctx, found, meta.UpdateOptions{})
		return err
	}))
	listed, err := deployments.List(ctx, meta.ListOptions{})
	must(err)
	event := <-watch.ResultChan()
	seconds := int64(0)
	must(deployments.Delete(ctx, "typed", meta.DeleteOptions{
		GracePeriodSeconds: &seconds,
		Preconditions:      &meta.Preconditions{UID: &changed.UID},
	}))
	fmt.Println(changed.Spec.Template.Spec.Containers[0].Image, len(listed.Items), event.Object.(*apps.Deployment).Name)
}

func deployment() *apps.Deployment {
	labels := map[string]string{"app": "typed"}
	return &apps.Deployment{
		ObjectMeta: meta.ObjectMeta{Name: "typed"},
		Spec: apps.DeploymentSpec{
			Selector: &meta.LabelSelector{MatchLabels: labels},
			Template: core.PodTemplateSpec{
				ObjectMeta: meta.ObjectMeta{Labels: labels},
				Spec: core.PodSpec{
					Containers: []core.Container{{Name: "main", Image: "registry.example/shop/web:1"}},
				},
			},
		},
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
