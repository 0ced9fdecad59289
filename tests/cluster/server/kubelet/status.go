package kubelet

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// report writes the pod's status, which says of its containers what they are. Writing it unchanged makes no event.
func (p *pods) report(pod *corev1.Pod) error {
	status := corev1.PodStatus{HostIP: "127.0.0.1", PodIP: "127.0.0.1", StartTime: &pod.CreationTimestamp}
	status.PodIPs = []corev1.PodIP{{IP: status.PodIP}}
	status.ContainerStatuses = p.statuses(pod, pod.Spec.Containers)
	status.EphemeralContainerStatuses = p.statuses(pod, debugging(pod))
	status.Phase = phase(status.ContainerStatuses)
	ready := corev1.ConditionTrue
	if status.Phase != corev1.PodRunning {
		ready = corev1.ConditionFalse
	}
	for _, kind := range []corev1.PodConditionType{corev1.PodScheduled, corev1.PodInitialized, corev1.ContainersReady, corev1.PodReady} {
		condition := corev1.PodCondition{Type: kind, Status: corev1.ConditionTrue, LastTransitionTime: pod.CreationTimestamp}
		if kind == corev1.ContainersReady || kind == corev1.PodReady {
			condition.Status = ready
		}
		status.Conditions = append(status.Conditions, condition)
	}
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"uid": pod.UID}, "status": status})
	if err != nil {
		return err
	}
	_, err = p.client.CoreV1().Pods(pod.Namespace).Patch(
		p.ctx, pod.Name, types.MergePatchType, patch, metav1.PatchOptions{}, "status")
	return err
}

func (p *pods) statuses(pod *corev1.Pod, specs []corev1.Container) []corev1.ContainerStatus {
	statuses := make([]corev1.ContainerStatus, 0, len(specs))
	for _, spec := range specs {
		if found, ok := p.container(pod.UID, spec.Name); ok {
			statuses = append(statuses, found.status())
		}
	}
	return statuses
}

func (c *container) status() corev1.ContainerStatus {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	runs := c.state.Running != nil
	return corev1.ContainerStatus{
		Name:                 c.spec.Name,
		Image:                c.spec.Image,
		ImageID:              c.spec.Image,
		ContainerID:          "process://" + c.spec.Name,
		State:                c.state,
		LastTerminationState: c.last,
		RestartCount:         c.restarts,
		Ready:                runs,
		Started:              &runs,
	}
}

// phase is the pod's: it runs while any container does or is to be started again.
func phase(containers []corev1.ContainerStatus) corev1.PodPhase {
	finished, failed := 0, 0
	for _, each := range containers {
		switch {
		case each.State.Terminated == nil:
		case each.State.Terminated.ExitCode == 0:
			finished++
		default:
			failed++
		}
	}
	switch {
	case finished+failed < len(containers):
		return corev1.PodRunning
	case failed > 0:
		return corev1.PodFailed
	}
	return corev1.PodSucceeded
}
