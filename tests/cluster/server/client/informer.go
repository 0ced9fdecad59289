package client

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// informer keeps a copy of what there is, which client-go reads as a WatchList, and tells what becomes of it.
func (p *program) informer() error {
	client, err := kubernetes.NewForConfig(p.config)
	if err != nil {
		return err
	}
	maps := client.CoreV1().ConfigMaps(p.namespace)
	if _, err := maps.Create(p.ctx, configMap("early", "blue"), metav1.CreateOptions{}); err != nil {
		return err
	}
	onlyOurs := func(options *metav1.ListOptions) { options.LabelSelector = "of in (early, late)" }
	factory := informers.NewSharedInformerFactoryWithOptions(
		client, 0, informers.WithNamespace(p.namespace), informers.WithTweakListOptions(onlyOurs))
	informer := factory.Core().V1().ConfigMaps().Informer()
	told := make(chan string, 16)
	tell := func(what string, object any) {
		seen := object.(*corev1.ConfigMap)
		told <- fmt.Sprintln(what, seen.Name, seen.Data)
	}
	if _, err := informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    func(object any) { tell("added", object) },
		UpdateFunc: func(_, object any) { tell("updated", object) },
		DeleteFunc: func(object any) { tell("deleted", object) },
	}); err != nil {
		return err
	}
	factory.Start(p.ctx.Done())
	if !cache.WaitForCacheSync(p.ctx.Done(), informer.HasSynced) {
		return errors.New("the informer does not know what there is")
	}
	fmt.Print(<-told)

	late, err := maps.Create(p.ctx, configMap("late", "green"), metav1.CreateOptions{})
	if err != nil {
		return err
	}
	fmt.Print(<-told)
	late.Data["colour"] = "red"
	if _, err := maps.Update(p.ctx, late, metav1.UpdateOptions{}); err != nil {
		return err
	}
	fmt.Print(<-told)
	if err := maps.Delete(p.ctx, "late", metav1.DeleteOptions{}); err != nil {
		return err
	}
	fmt.Print(<-told)
	fmt.Println("kept:", informer.GetStore().ListKeys())
	return nil
}
