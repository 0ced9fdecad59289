package client

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
)

var configMaps = schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}

func configMap(name, colour string) *corev1.ConfigMap {
	return &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"of": name}},
		Data:       map[string]string{"colour": colour},
	}
}

// typed writes an object in every way that there is, and reads it back.
func (p *program) typed() error {
	client, err := kubernetes.NewForConfig(p.config)
	if err != nil {
		return err
	}
	maps := client.CoreV1().ConfigMaps(p.namespace)
	made, err := maps.Create(p.ctx, configMap("typed", "blue"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	fmt.Println("created", made.Name, made.Data)
	made.Data["colour"] = "green"
	if made, err = maps.Update(p.ctx, made, metav1.UpdateOptions{}); err != nil {
		return err
	}
	fmt.Println("updated", made.Data)
	stale := configMap("typed", "grey")
	stale.ResourceVersion = "1"
	_, err = maps.Update(p.ctx, stale, metav1.UpdateOptions{})
	fmt.Println("a stale update is a conflict:", errors.IsConflict(err))
	made, err = maps.Patch(p.ctx, "typed", types.MergePatchType, []byte(`{"data":{"colour":"red"}}`), metav1.PatchOptions{})
	if err != nil {
		return err
	}
	fmt.Println("patched", made.Data)
	if err := maps.Delete(p.ctx, "typed", metav1.DeleteOptions{}); err != nil {
		return err
	}
	_, err = maps.Get(p.ctx, "typed", metav1.GetOptions{})
	fmt.Println("what is deleted is not found:", errors.IsNotFound(err))
	return nil
}

// dynamic lists in pages what it does not know the type of.
func (p *program) dynamic() error {
	client, err := dynamic.NewForConfig(p.config)
	if err != nil {
		return err
	}
	typed, err := kubernetes.NewForConfig(p.config)
	if err != nil {
		return err
	}
	for _, name := range []string{"one", "three", "two"} {
		if _, err := typed.CoreV1().ConfigMaps(p.namespace).Create(p.ctx, configMap(name, name), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	options := metav1.ListOptions{LabelSelector: "of", Limit: 2}
	for {
		page, err := client.Resource(configMaps).Namespace(p.namespace).List(p.ctx, options)
		if err != nil {
			return err
		}
		for _, each := range page.Items {
			fmt.Println(each.GetKind(), each.GetName(), each.Object["data"])
		}
		if options.Continue = page.GetContinue(); options.Continue == "" {
			return nil
		}
		fmt.Println("next page")
	}
}
