package kubelet

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/cache"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

// pods runs what is bound to the node. One goroutine reconciles; the node's requests look containers up beside it.
type pods struct {
	ctx       context.Context
	client    kubernetes.Interface
	directory string
	queue     workqueue.TypedRateLimitingInterface[string]
	lister    corelisters.PodLister

	mutex   sync.Mutex
	running map[types.UID]map[string]*container
}

func newPods(ctx context.Context, client kubernetes.Interface, directory string) *pods {
	return &pods{
		ctx:       ctx,
		client:    client,
		directory: directory,
		queue:     workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]()),
		running:   map[types.UID]map[string]*container{},
	}
}

// follow watches the pods and works on each that changes.
func (p *pods) follow() error {
	factory := informers.NewSharedInformerFactory(p.client, 0)
	informer := factory.Core().V1().Pods()
	p.lister = informer.Lister()
	changed := func(object any) {
		if key, err := cache.MetaNamespaceKeyFunc(object); err == nil {
			p.queue.Add(key)
		}
	}
	_, err := informer.Informer().AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc:    changed,
		UpdateFunc: func(_, after any) { changed(after) },
		DeleteFunc: func(object any) {
			if gone, ok := object.(*corev1.Pod); ok {
				p.stop(gone.UID)
			}
		},
	})
	if err != nil {
		return err
	}
	factory.Start(p.ctx.Done())
	factory.WaitForCacheSync(p.ctx.Done())
	context.AfterFunc(p.ctx, p.queue.ShutDown)
	go p.work()
	return nil
}

func (p *pods) work() {
	for {
		key, ended := p.queue.Get()
		if ended {
			return
		}
		if err := p.reconcile(key); err != nil && !apierrors.IsNotFound(err) {
			klog.ErrorS(err, "The pod could not be reconciled", "pod", key)
			p.queue.AddRateLimited(key)
		} else {
			p.queue.Forget(key)
		}
		p.queue.Done(key)
	}
}

// reconcile moves one pod a step towards what its object says.
func (p *pods) reconcile(key string) error {
	namespace, name, err := cache.SplitMetaNamespaceKey(key)
	if err != nil {
		return err
	}
	pod, err := p.lister.Pods(namespace).Get(name)
	switch {
	case err != nil:
		return err
	case pod.Spec.NodeName == "":
		return p.bind(pod)
	case pod.Spec.NodeName != NodeName:
		return nil
	case pod.DeletionTimestamp != nil:
		return p.finish(pod)
	}
	if err := p.start(pod); err != nil {
		return err
	}
	return p.report(pod)
}

// bind is all the scheduling that one node needs.
func (p *pods) bind(pod *corev1.Pod) error {
	return p.client.CoreV1().Pods(pod.Namespace).Bind(p.ctx, &corev1.Binding{
		ObjectMeta: metav1.ObjectMeta{Name: pod.Name, UID: pod.UID},
		Target:     corev1.ObjectReference{Kind: "Node", Name: NodeName},
	}, metav1.CreateOptions{})
}

// start starts the containers that the pod has and the node does not, debug containers too.
func (p *pods) start(pod *corev1.Pod) error {
	for _, spec := range pod.Spec.Containers {
		if err := p.startOne(pod, spec, pod.Spec.RestartPolicy); err != nil {
			return err
		}
	}
	for _, spec := range debugging(pod) {
		if err := p.startOne(pod, spec, corev1.RestartPolicyNever); err != nil {
			return err
		}
	}
	return nil
}

func (p *pods) startOne(pod *corev1.Pod, spec corev1.Container, policy corev1.RestartPolicy) error {
	if _, found := p.container(pod.UID, spec.Name); found {
		return nil
	}
	environment, err := p.environment(pod, spec)
	if err != nil {
		return err
	}
	key := pod.Namespace + "/" + pod.Name
	made := &container{
		spec:        spec,
		policy:      policy,
		environment: environment,
		directory:   filepath.Join(p.directory, string(pod.UID), spec.Name),
		changed:     func() { p.queue.Add(key) },
	}
	if err := made.start(p.ctx); err != nil {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.running[pod.UID] == nil {
		p.running[pod.UID] = map[string]*container{}
	}
	p.running[pod.UID][spec.Name] = made
	return nil
}

// debugging is the pod's ephemeral containers.
func debugging(pod *corev1.Pod) []corev1.Container {
	specs := make([]corev1.Container, 0, len(pod.Spec.EphemeralContainers))
	for _, ephemeral := range pod.Spec.EphemeralContainers {
		specs = append(specs, corev1.Container(ephemeral.EphemeralContainerCommon))
	}
	return specs
}

// finish ends a pod that is being deleted, and lets its object go.
func (p *pods) finish(pod *corev1.Pod) error {
	p.stop(pod.UID)
	now := int64(0)
	return p.client.CoreV1().Pods(pod.Namespace).Delete(p.ctx, pod.Name, metav1.DeleteOptions{
		GracePeriodSeconds: &now,
		Preconditions:      &metav1.Preconditions{UID: &pod.UID},
	})
}

func (p *pods) stop(uid types.UID) {
	p.mutex.Lock()
	containers := p.running[uid]
	delete(p.running, uid)
	p.mutex.Unlock()
	for _, each := range containers {
		each.stop()
	}
}

func (p *pods) container(uid types.UID, name string) (*container, bool) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	found, ok := p.running[uid][name]
	return found, ok
}

// find is the container that a request of the API server names.
func (p *pods) find(namespace, name, container string) (*container, error) {
	pod, err := p.lister.Pods(namespace).Get(name)
	if err != nil {
		return nil, err
	}
	if found, ok := p.container(pod.UID, container); ok {
		return found, nil
	}
	return nil, fmt.Errorf("container %q of pod %s/%s does not run", container, namespace, name)
}
