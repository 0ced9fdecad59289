package kubelet

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

var errLimit = errors.New("limitBytes is reached")

// serveLogs answers GET /containerLogs/NAMESPACE/POD/CONTAINER with the parameters of a pod's log subresource.
func (p *pods) serveLogs(writer http.ResponseWriter, request *http.Request) {
	found, err := p.find(request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container"))
	if err != nil {
		http.Error(writer, err.Error(), http.StatusNotFound)
		return
	}
	query := request.URL.Query()
	found.mutex.Lock()
	log := found.log
	if query.Get("previous") == "true" {
		log = found.previous
	}
	found.mutex.Unlock()
	if log == nil {
		http.Error(writer, "previous terminated container not found", http.StatusBadRequest)
		return
	}
	from := 0
	if lines, err := strconv.Atoi(query.Get("tailLines")); err == nil {
		from = log.tail(lines)
	}
	writer.Header().Set("Content-Type", "text/plain")
	_ = http.NewResponseController(writer).Flush()
	output := &logWriter{
		writer:     writer,
		timestamps: query.Get("timestamps") == "true",
		since:      since(query),
		limit:      limit(query.Get("limitBytes")),
	}
	_ = log.read(request.Context(), from, query.Get("follow") == "true", output.take)
}

func since(query url.Values) time.Time {
	if seconds, err := strconv.Atoi(query.Get("sinceSeconds")); err == nil {
		return time.Now().Add(-time.Duration(seconds) * time.Second)
	}
	at, _ := time.Parse(time.RFC3339, query.Get("sinceTime"))
	return at
}

func limit(parameter string) int {
	if bytes, err := strconv.Atoi(parameter); err == nil {
		return bytes
	}
	return -1
}

// logWriter writes a log's pieces as the API server passes them on.
type logWriter struct {
	writer     http.ResponseWriter
	timestamps bool
	since      time.Time
	limit      int // bytes left; below 0 for none
	inLine     bool
}

func (w *logWriter) take(p piece) error {
	if p.at.Before(w.since) {
		return nil
	}
	text := p.text
	if w.timestamps && !w.inLine {
		text = append([]byte(p.at.UTC().Format(time.RFC3339Nano)+" "), text...)
	}
	w.inLine = !isWhole(p)
	full := w.limit >= 0 && len(text) >= w.limit
	if full {
		text = text[:w.limit]
	}
	if w.limit >= 0 {
		w.limit -= len(text)
	}
	if _, err := w.writer.Write(text); err != nil {
		return err
	}
	if full {
		return errLimit
	}
	return http.NewResponseController(w.writer).Flush()
}
