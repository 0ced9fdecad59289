package kubelet

import (
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// environment is a container's variables: this machine's PATH and HOME, the pod's name as the host's, and what the
// specification says, with what Secrets and ConfigMaps hold.
func (p *pods) environment(pod *corev1.Pod, spec corev1.Container) ([]string, error) {
	set := []string{"PATH=" + os.Getenv("PATH"), "HOME=/root", "TERM=xterm", "HOSTNAME=" + pod.Name}
	for _, source := range spec.EnvFrom {
		values, err := p.sourced(pod.Namespace, source)
		if err != nil {
			return nil, err
		}
		for name, value := range values {
			set = append(set, source.Prefix+name+"="+value)
		}
	}
	for _, variable := range spec.Env {
		value, err := p.value(pod, variable)
		if err != nil {
			return nil, err
		}
		set = append(set, variable.Name+"="+value)
	}
	return set, nil
}

func (p *pods) sourced(namespace string, source corev1.EnvFromSource) (map[string]string, error) {
	switch {
	case source.SecretRef != nil:
		return p.secret(namespace, source.SecretRef.Name)
	case source.ConfigMapRef != nil:
		return p.configMap(namespace, source.ConfigMapRef.Name)
	}
	return nil, nil
}

func (p *pods) value(pod *corev1.Pod, variable corev1.EnvVar) (string, error) {
	from := variable.ValueFrom
	switch {
	case from == nil:
		return variable.Value, nil
	case from.SecretKeyRef != nil:
		values, err := p.secret(pod.Namespace, from.SecretKeyRef.Name)
		return values[from.SecretKeyRef.Key], err
	case from.ConfigMapKeyRef != nil:
		values, err := p.configMap(pod.Namespace, from.ConfigMapKeyRef.Name)
		return values[from.ConfigMapKeyRef.Key], err
	}
	return "", fmt.Errorf("the source of %s is none that this kubelet knows", variable.Name)
}

func (p *pods) secret(namespace, name string) (map[string]string, error) {
	found, err := p.client.CoreV1().Secrets(namespace).Get(p.ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	values := map[string]string{}
	for key, value := range found.Data {
		values[key] = string(value)
	}
	return values, nil
}

func (p *pods) configMap(namespace, name string) (map[string]string, error) {
	found, err := p.client.CoreV1().ConfigMaps(namespace).Get(p.ctx, name, metav1.GetOptions{})
	if err != nil {
		return nil, err
	}
	return found.Data, nil
}
